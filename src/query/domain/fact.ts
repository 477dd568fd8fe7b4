/** What an event says of an order: how it was created, or what it became. */
export interface OrderFact {
  readonly userId: string;
  readonly number: string;
  readonly revision: number;
  readonly status: string;
  /** With two decimals; absent where nothing was awarded. */
  readonly accrual?: string;
  /** Of the event that created it: when, and the event's position. */
  readonly uploadedAt?: string;
  readonly created?: string;
  /** When it became PROCESSING, and when its answer was final, where that is known. */
  readonly processingAt?: string;
  readonly finishedAt?: string;
}

/** What an event says of an account: an entry, and the balance after it. Sums have two decimals. */
export interface EntryFact {
  readonly userId: string;
  readonly revision: number;
  /** Of the event. */
  readonly position: string;
  /** The entry's own. */
  readonly id: string;
  readonly kind: string;
  readonly number?: string;
  /** Signed. */
  readonly amount: string;
  readonly balance: string;
  readonly withdrawn: string;
  readonly at: string;
  /** Why an operator has made it. */
  readonly reason?: string;
}

/**
 * What an account was set to by an operator's `recount`. It has no revision: an event of the same
 * account with a higher position came later, for both were written under the account's lock.
 */
export interface RecountFact {
  readonly userId: string;
  readonly position: string;
  readonly balance: string;
  readonly withdrawn: string;
}

export type Fact =
  { readonly order: OrderFact } | { readonly entry: EntryFact } | { readonly recount: RecountFact };

/** An event that is none of the contract; the message says what is wrong with it. */
export class MalformedEvent extends Error {
  override readonly name = 'MalformedEvent';
}

type Fields = Readonly<Record<string, unknown>>;

const POSITION = /^[1-9]\d{0,18}$/;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** Whether its check digit is right is not asked: what the books have is shown. */
const NUMBER = /^\d{1,1000}$/;
const SUM = /^-?\d+\.\d\d$/;
const TIME = /^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const STATUS = /^(NEW|PROCESSING|INVALID|PROCESSED)$/;
const KIND = /^[A-Z]+$/;
const REASON = /^[^\0]{1,1000}$/su;

/**
 * What a CloudEvent of the journal tells the read model; undefined for those types that it has no
 * use for, and for types to come.
 *
 * @throws MalformedEvent
 */
export function factOf(event: unknown): Fact | undefined {
  const { type, id, subject, revision, time, data } = fieldsOf('the event', event);
  if (type === 'order_created' || type === 'order_updated') {
    const { order, status, accrual, uploaded_at } = fieldsOf('data', data);
    return {
      order: {
        userId: text('subject', subject, UUID),
        number: text('order', order, NUMBER),
        revision: count('revision', revision),
        status: text('status', status, STATUS),
        ...(accrual !== undefined && { accrual: text('accrual', accrual, SUM) }),
        ...(type === 'order_created' && {
          uploadedAt: text('uploaded_at', uploaded_at, TIME),
          created: text('id', id, POSITION),
        }),
        ...(type === 'order_updated' && time !== undefined && stepOf(status, time)),
      },
    };
  }
  if (type === 'transaction_processed') {
    const { transaction, kind, order, amount, balance, withdrawn, reason } = fieldsOf('data', data);
    return {
      entry: {
        userId: text('subject', subject, UUID),
        revision: count('revision', revision),
        position: text('id', id, POSITION),
        id: text('transaction', transaction, UUID),
        kind: text('kind', kind, KIND),
        ...(order !== undefined && { number: text('order', order, NUMBER) }),
        amount: text('amount', amount, SUM),
        balance: text('balance', balance, SUM),
        withdrawn: text('withdrawn', withdrawn, SUM),
        at: text('time', time, TIME),
        ...(reason !== undefined && { reason: text('reason', reason, REASON) }),
      },
    };
  }
  if (type === 'operator_action' && isRecount(data)) {
    const { balance, withdrawn } = data;
    return {
      recount: {
        userId: text('subject', subject, UUID),
        position: text('id', id, POSITION),
        balance: text('balance', balance, SUM),
        withdrawn: text('withdrawn', withdrawn, SUM),
      },
    };
  }
  if (typeof type !== 'string') throw new MalformedEvent('it has no type');
  return undefined;
}

function isRecount(data: unknown): data is Fields {
  return (data as Partial<Fields> | null)?.['action'] === 'customer recount';
}

/** When the order has become what the event says. */
function stepOf(status: unknown, time: unknown): Pick<OrderFact, 'processingAt' | 'finishedAt'> {
  const at = text('time', time, TIME);
  return status === 'PROCESSING' ? { processingAt: at } : { finishedAt: at };
}

/** The event of each order with the highest revision, with what the others say besides. */
export function latestOrders(facts: readonly OrderFact[]): readonly OrderFact[] {
  const orders = new Map<string, OrderFact>();
  for (const fact of facts) {
    const other = orders.get(fact.number);
    if (!other) orders.set(fact.number, fact);
    else {
      const [older, newer] = fact.revision >= other.revision ? [other, fact] : [fact, other];
      // An accrual that the newer one does not have is none any more.
      const { accrual } = newer;
      orders.set(fact.number, { ...older, ...newer, accrual });
    }
  }
  return [...orders.values()];
}

function fieldsOf(what: string, value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new MalformedEvent(`${what} is no object`);
  return value as Fields;
}

function text(what: string, value: unknown, form: RegExp): string {
  if (typeof value === 'string' && form.test(value)) return value;
  throw new MalformedEvent(`its ${what} is ${JSON.stringify(value)}`.slice(0, 200));
}

function count(what: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new MalformedEvent(`its ${what} is ${JSON.stringify(value)}`.slice(0, 200));
}
