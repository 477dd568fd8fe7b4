import type { Refusal } from '../rpc-errors.js';

// Messages of proto/gophermart/v1/commands.proto. `message` says which of the members there is.

/** Where a list of that kind is in the messages: its commands, and its outcomes. */
export type ListKind = 'uploads' | 'withdrawals';

interface About<Message extends string> {
  /** Of the list. */
  readonly number: number;
  /** Absent in what is sent. */
  readonly message?: Message;
}

export interface CommandsMessage
  extends About<ListKind | 'left' | 'givenUp'>, Partial<Record<ListKind, object>> {
  readonly timeoutMs?: number;
  readonly left?: { readonly places: readonly number[] };
  readonly givenUp?: object;
}

export interface OutcomesMessage
  extends
    About<ListKind | 'refusal' | 'whoHasLeft' | 'closing'>,
    Partial<Record<ListKind, object>> {
  readonly refusal?: Refusal;
  readonly whoHasLeft?: object;
  readonly closing?: object;
}
