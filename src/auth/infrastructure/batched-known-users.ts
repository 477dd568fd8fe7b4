import { Injectable } from '@nestjs/common';
import { BatchedRead } from '../../platform/postgres/reads/batched-read.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { KnownUsers } from '../application/ports.js';

/**
 * Asked before each refusal and never remembered; requests of the same turn of the event loop share
 * the statement.
 */
@Injectable()
export class BatchedKnownUsers extends KnownUsers {
  readonly #users: BatchedRead<object>;

  constructor(database: PgUnitOfWork) {
    super();
    this.#users = new BatchedRead(
      database,
      `SELECT id AS key FROM gophermart.users
       WHERE id = ANY($1::uuid[]) AND blocked_at IS NULL AND forgotten_at IS NULL`,
    );
  }

  async has(userId: string): Promise<boolean> {
    return (await this.#users.find(userId)) !== undefined;
  }
}
