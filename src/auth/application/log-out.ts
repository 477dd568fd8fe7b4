import { Injectable } from '@nestjs/common';
import { GroupCommit, type Outcome } from '../../kernel/application/batches/group-commit.js';
import { BatchMetrics } from '../../kernel/application/batches/ports.js';
import { UnitOfWork } from '../../kernel/application/unit-of-work.js';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import type { Session } from '../domain/session.js';
import { SessionEnding } from './ports.js';

/** Ends sessions, each for itself; done again it changes nothing. */
@Injectable()
export class LogOut {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly ending: SessionEnding,
  ) {}

  /** One outcome for each: done, or UserMissing. */
  async execute(sessions: readonly Session[]): Promise<Outcome<void>[]> {
    const known = await this.unitOfWork.run((transaction) =>
      Promise.resolve(this.ending.end(transaction, sessions)),
    );
    return sessions.map(({ userId }) =>
      known.has(userId) ? { value: undefined } : { broken: new UserMissing() },
    );
  }
}

/**
 * Where single log-outs wait for the commit they share. One batch at a time: who stores the end of
 * a session waits for whoever did before.
 */
@Injectable()
export class LogOutCommits extends GroupCommit<Session, void> {
  constructor(logOut: LogOut, metrics: BatchMetrics) {
    const one = { concurrency: 1, maxConcurrency: 1 };
    super((sessions) => logOut.execute(sessions), one, metrics.of('log-outs'));
  }
}
