import {
  type BatchHandler,
  GroupCommit,
  type GroupCommitLimits,
} from '../../kernel/application/batches/group-commit.js';
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
  handle: BatchHandler<Command, Result>,
  maxBatch = 500,
): GroupCommit<Command, Result> {
  return new GroupCommit(handle, { ...LIMITS, maxBatch });
}

/** With more lines a page is a long one. */
const SHORT_PAGE_LINES = 50;

/** Pages of lists that share calls. */
export class PageCalls<Page, Request extends PageRequest = PageRequest> {
  readonly #short: GroupCommit<Request, Page>;
  /** In calls of their own: a short page should not wait for pages of long lists. */
  readonly #long: GroupCommit<Request, Page>;

  constructor(read: BatchHandler<Request, Page>) {
    this.#short = gathered(read, MAX_PAGES);
    this.#long = gathered(read, MAX_PAGES);
  }

  page(request: Request): Promise<Page> {
    const { limit, pageToken } = request;
    const isShort = limit === 0 ? pageToken === '' : limit <= SHORT_PAGE_LINES;
    return (isShort ? this.#short : this.#long).submit(request);
  }
}
