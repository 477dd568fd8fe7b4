import { CreateReadModel1700000000001 } from './1700000000001-CreateReadModel.js';
import { ShowHistories1700000000002 } from './1700000000002-ShowHistories.js';

/** Those of the read model, which has a database of its own; in the order they run in. */
export const READ_MODEL_MIGRATIONS = [CreateReadModel1700000000001, ShowHistories1700000000002];
