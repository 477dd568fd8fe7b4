import {
  GroupCommit,
  type GroupCommitLimits,
  type ListHandler,
} from '../../kernel/application/group-commit.js';
import { MAX_PAGES, type PageRequest } from './rpc-lists.js';

/**
 * What a portal gathers for another process. A call costs each side as much as fifteen of its
 * commands, so one at a time takes all that has come, until one is slow. Calls hold no connection
 * of a pool, so more may be on their way then. Patience is for the other process's own answer.
 */
const LIMITS: Partial<GroupCommitLimits> = {
  concurrency: 1,
  maxConcurrency: 8,
  patienceMs: 7_500,
};

/**
 * Single commands or questions that share calls: those that arrive while earlier calls are under
 * way go in the next one.
 *
 * @param maxBatch the most that one call takes.
 */
export function gathered<Command, Result>(
  handle: ListHandler<Command, Result>,
  maxBatch = 500,
): GroupCommit<Command, Result> {
  return new GroupCommit(handle, { ...LIMITS, maxBatch });
}

/** Pages of lists that share calls. */
export class PageCalls<Page> {
  readonly #first: GroupCommit<PageRequest, Page>;
  /** In calls of their own: a first page should not wait for pages of long lists. */
  readonly #following: GroupCommit<PageRequest, Page>;

  constructor(read: ListHandler<PageRequest, Page>) {
    this.#first = gathered(read, MAX_PAGES);
    this.#following = gathered(read, MAX_PAGES);
  }

  page(userId: string, after?: string): Promise<Page> {
    return after === undefined
      ? this.#first.submit({ userId, pageToken: '' })
      : this.#following.submit({ userId, pageToken: after });
  }
}
