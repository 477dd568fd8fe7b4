import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { TypeOrmUnitOfWork } from '../../shared/infrastructure/typeorm-unit-of-work.js';
import { KnownUsers } from '../application/known-users.js';

/** Requests that came in with one turn of the event loop share one statement; nothing is remembered between turns. */
@Injectable()
export class BatchedKnownUsers extends KnownUsers {
  /** A batch belongs to all its callers, so it must not run in the first one's async context. */
  readonly #outside = AsyncLocalStorage.snapshot();
  readonly #loader = new DataLoader<string, boolean>((ids) => this.#whichExist(ids), {
    cache: false,
    batchScheduleFn: (dispatch) => this.#outside(() => setImmediate(dispatch)),
  });

  constructor(private readonly unitOfWork: TypeOrmUnitOfWork) {
    super();
  }

  has(userId: string): Promise<boolean> {
    return this.#loader.load(userId);
  }

  async #whichExist(ids: readonly string[]): Promise<boolean[]> {
    const { records } = await this.unitOfWork.query('SELECT id FROM gophermart.users WHERE id = ANY($1::uuid[])', [
      [...new Set(ids)],
    ]);
    const existing = new Set((records as { id: string }[]).map(({ id }) => id));
    return ids.map((id) => existing.has(id));
  }
}
