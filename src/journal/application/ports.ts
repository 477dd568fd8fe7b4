import type { Transaction } from '../../kernel/application/unit-of-work.js';

/** What an operator's command has changed. */
export interface OperatorAction {
  /** The command, such as `queue retry`. */
  readonly action: string;
  /** Who gave it. */
  readonly by: string;
  /** A user's id or an order's number, never a login; absent where the command changes no one. */
  readonly target?: string | undefined;
  /** The id of the user whom it concerns. */
  readonly userId?: string | undefined;
}

/** Where operators' commands leave what they have changed. */
export abstract class OperatorActions {
  /** Has events of them added to the journal, with the commit that makes the change. */
  abstract record(transaction: Transaction, actions: readonly OperatorAction[]): void;
}

export interface EventCount {
  readonly type: string;
  readonly events: number;
}

export interface JournalStatistics {
  /** Of each type that there is, in alphabetical order. */
  readonly types: readonly EventCount[];
  /** The highest position; absent where the journal is empty. */
  readonly last?: string | undefined;
  /** How long ago the last event happened, in milliseconds; absent where that is not known. */
  readonly lastMs?: number | undefined;
  /** On the disk, with indexes. */
  readonly bytes: number;
}

/** What operators see of the journal. */
export abstract class JournalOverview {
  abstract statistics(): Promise<JournalStatistics>;
}
