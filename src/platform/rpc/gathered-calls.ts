import {
  GroupCommit,
  type GroupCommitLimits,
  type ListHandler,
} from '../../kernel/application/group-commit.js';

/**
 * What a portal gathers for another process. Its lists hold no connection of a pool, so more may be
 * on their way while some are slow; and patience is for the other process's own answer.
 */
const LIMITS: Partial<GroupCommitLimits> = { maxConcurrency: 8, patienceMs: 7_500 };

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
