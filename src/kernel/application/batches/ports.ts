import type { CommittedBatch } from './group-commit.js';

/** What operators see of the batches of commands that share a commit. */
export abstract class BatchMetrics {
  /** What is to be told of each batch of these commands. */
  abstract of(commands: string): (batch: CommittedBatch) => void;
}
