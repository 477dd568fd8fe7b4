import { READ_MODEL_MIGRATIONS } from '../../../migrations/query/index.js';
import type { Schema } from '../../platform/postgres/connect.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';

/** The tables of the read model. */
export const READ_MODEL: Schema = { name: 'gophermart_query', migrations: READ_MODEL_MIGRATIONS };

/** What TypeORM calls its connection to it. */
export const READ_MODEL_CONNECTION = 'query';

/** How many connections it has: the feed needs one, the others read for customers. */
export const READ_MODEL_POOL = 10;

/** The database of the read model, which is none of the books. */
export class ReadModelDatabase extends PgUnitOfWork {}
