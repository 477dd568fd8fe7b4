import type { Refusal } from '../rpc-errors.js';

// Messages of proto/gophermart/v1/commands.proto. `message` says which of the members there is.

/** Where a batch of that kind is in the messages: its commands, and its outcomes. */
export type BatchKind = 'uploads' | 'withdrawals';

interface About<Message extends string> {
  /** Of the batch. */
  readonly number: number;
  /** Absent in what is sent. */
  readonly message?: Message;
}

export interface CommandsMessage
  extends About<BatchKind | 'left' | 'givenUp'>, Partial<Record<BatchKind, object>> {
  readonly timeoutMs?: number;
  readonly left?: { readonly places: readonly number[] };
  readonly givenUp?: object;
}

export interface OutcomesMessage
  extends
    About<BatchKind | 'refusal' | 'whoHasLeft' | 'closing'>,
    Partial<Record<BatchKind, object>> {
  readonly refusal?: Refusal;
  readonly whoHasLeft?: object;
  readonly closing?: object;
}
