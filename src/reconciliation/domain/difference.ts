/**
 * Every way in which the books can contradict themselves, and the sentence that says so, with the
 * facts of the case in braces.
 */
const SENTENCES = {
  'account-balance': 'account {account}: balance {balance}, its entries add up to {entries_sum}',
  'account-withdrawn':
    'account {account}: withdrawn {withdrawn}, its withdrawals add up to {withdrawals_sum}',
  'account-version': 'account {account}: version {version}, it has {entries} entries',
  'account-last-entry':
    'account {account}: balance {balance}, ' +
    'its last entry {entry} (version {version}) leaves {after}',
  'account-last-withdrawn':
    'account {account}: withdrawn {withdrawn}, ' +
    'its last entry {entry} (version {version}) leaves {withdrawn_after} withdrawn',
  'account-impossible':
    'account {account}: balance {balance}, withdrawn {withdrawn}: no account can come to that',
  'account-twice': 'account {account}: there are {rows} rows of it',
  'account-without-user': 'account {account}: balance {balance}, but no such user',
  'user-without-account': 'user {account}: has no account',
  'entries-without-account':
    'account {account}: does not exist, but has {entries} entries that add up to {entries_sum}',
  'entry-version':
    'account {account}: entry {entry} has version {version}, the entry before it {previous}',
  'entry-balance':
    'account {account}: entry {entry} (version {version}, {entry_kind} of {amount} ' +
    'for order {number}) leaves {after}, from {before} it must be {expected}',
  'entry-withdrawn':
    'account {account}: entry {entry} (version {version}, {entry_kind} of {amount} ' +
    'for order {number}) leaves {withdrawn_after} withdrawn, ' +
    'from {withdrawn_before} it must be {withdrawn_expected}',
  'entry-overdrawn':
    'account {account}: entry {entry} (version {version}, {entry_kind} of {amount} ' +
    'for order {number}) leaves {after}',
  'entry-amount':
    'account {account}: entry {entry} (version {version}, order {number}) ' +
    'is a {entry_kind} of {amount}',
  'entry-order':
    'account {account}: entry {entry} (version {version}) is a {entry_kind} of {amount} ' +
    'for order {number}',
  'entry-reason':
    'account {account}: entry {entry} (version {version}) is a {entry_kind} of {amount}, ' +
    'and its reason is {reason}',
  'reversal-without-withdrawal':
    'order {number}: entry {entry} gives {amount} back to account {account}, ' +
    'but account {payer} had paid {paid}',
  'entry-in-future':
    'account {account}: entry {entry} (version {version}, order {number}) is dated {at}',
  'entry-twice': 'order {number}: {rows} entries of kind {entry_kind}, {amount} in all',
  'order-not-credited':
    'order {number} of user {user}: PROCESSED with {accrual}, but no ACCRUAL entry credits it',
  'order-accrual': 'order {number} of user {user}: {status} with an accrual of {accrual}',
  'order-in-future': 'order {number} of user {user}: uploaded at {uploaded_at}',
  'order-steps':
    'order {number} of user {user}: {status}, uploaded at {uploaded_at}, ' +
    'PROCESSING at {processing_at}, final at {finished_at}',
  'order-twice': 'order {number}: there are {rows} rows of it',
  'order-without-user': 'order {number} of user {user}: no such user',
  'order-without-task': 'order {number} of user {user}: {status}, but no task asks for its points',
  'accrual-without-order':
    'order {number}: never uploaded, ' +
    'but entry {entry} credits {amount} for it to account {account}',
  'accrual-too-early':
    'order {number} of user {user}: {status}, ' +
    'but entry {entry} credits {amount} for it to account {account}',
  'accrual-to-another':
    'order {number} of user {user}: entry {entry} credits {amount} for it to account {account}',
  'accrual-sum':
    'order {number} of user {user}: accrual {accrual}, but entry {entry} credits {amount}',
  'task-of-final-order': 'order {number} of user {user}: {status}, but its task is still {task}',
  'task-parked-too-early': 'order {number} of user {user}: {status}, but its task is {task}',
  'task-without-order': 'task of order {order}: {task}, but no such order',
  'task-twice': 'order {order}: has {rows} tasks',
  'user-without-event':
    'user {account}: has {came} events of a registration and {gone} of being forgotten',
  'order-without-event': 'order {number} of user {user}: no event tells of it',
  'entry-without-event':
    'account {account}: no event tells of entry {entry} (version {version}, {entry_kind} of ' +
    '{amount} for order {number})',
  'event-without-user':
    'user {account}: has {came} events of a registration and {gone} of being forgotten, ' +
    'but no such user',
  'event-without-order': 'order {number}: never uploaded, but events of user {subject} tell of it',
  'event-without-entry':
    'account {account}: an event tells of an entry of version {version} that is not there: {data}',
  'event-revision': 'order {number} of user {user}: {events} events, the last has revision {last}',
  'event-of-order':
    'order {number} of user {user}: {status} with an accrual of {accrual}, ' +
    'its events of user {subject} come to {state}',
  'event-of-entry':
    'account {account}: entry {entry} (version {version}, {entry_kind} of {amount} ' +
    'for order {number}) is another one in its event: {data}',
  'event-twice': 'account {account}: {rows} events tell of its entry of version {version}',
  'total-shrank':
    '{total}: {before} in all at the reconciliation of {at}, {after} now; none may be lost',
} as const;

export type DifferenceKind = keyof typeof SENTENCES;

export const DIFFERENCE_KINDS = Object.keys(SENTENCES) as readonly DifferenceKind[];

/**
 * What is known of a difference, by the names that the sentences use. Null where the books have no
 * value.
 */
export type Facts = Readonly<Record<string, string | null>>;

/** One contradiction in the books. */
export class Difference {
  constructor(
    readonly kind: DifferenceKind,
    private readonly known: Facts,
  ) {}

  /** The facts that the sentence names. */
  get facts(): Facts {
    const names = [...SENTENCES[this.kind].matchAll(FACT)].map(([, name = '']) => name);
    return Object.fromEntries(names.map((name) => [name, this.fact(name)]));
  }

  get sentence(): string {
    return SENTENCES[this.kind].replaceAll(FACT, (_, name: string) => this.fact(name) ?? 'none');
  }

  private fact(name: string): string | null {
    const fact = this.known[name];
    if (fact === undefined)
      throw new Error(`a difference of kind ${this.kind} must name its ${name}`);
    return fact;
  }
}

const FACT = /\{(\w+)\}/g;
