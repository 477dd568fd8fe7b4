/** What streams show; `user_forgotten` ends the user's streams. */
export const LIVE_TYPES = ['order_updated', 'balance_changed', 'user_forgotten'] as const;

/** What has happened to a user, as their streams show it. */
export interface LiveEvent {
  /** In the journal. */
  readonly position: bigint;
  readonly userId: string;
  readonly type: (typeof LIVE_TYPES)[number];
  /** JSON text, exact. */
  readonly data: string;
}

/** The types of the journal that streams show. */
export const SHOWN_TYPES = ['order_updated', 'transaction_processed', 'user_forgotten'] as const;

/** An event of one of these types, as it is stored. */
export interface StoredEvent {
  readonly position: bigint;
  readonly userId: string;
  readonly type: string;
  /** RFC 3339; absent where it is not known. */
  readonly at: string | undefined;
  /** JSON text; sums are text with two decimals. */
  readonly data: string;
  /** When the order was uploaded that it is about; absent where it is about none. */
  readonly uploadedAt: string | undefined;
}

/** @returns undefined for a row that somebody has written by hand, and that nobody can show. */
export function liveEventOf(stored: StoredEvent): LiveEvent | undefined {
  const { position, userId, type, data } = stored;
  const { show, as } = SHOWN[type] ?? {};
  try {
    const shown = show?.(JSON.parse(data) as Fields, stored);
    return as && shown !== undefined ? { position, userId, type: as, data: shown } : undefined;
  } catch {
    return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

const SHOWN: Readonly<
  Record<
    string,
    { as: LiveEvent['type']; show: (data: Fields, stored: StoredEvent) => string | undefined }
  >
> = {
  order_updated: { as: 'order_updated', show: orderOf },
  transaction_processed: { as: 'balance_changed', show: balanceOf },
  user_forgotten: { as: 'user_forgotten', show: () => '{}' },
};

/** The order's line of the list, as it was then. */
function orderOf({ order, status, accrual }: Fields, { uploadedAt }: StoredEvent): string {
  const awarded = accrual === undefined ? undefined : number(accrual);
  return object([
    ['number', text(order)],
    ['status', text(status)],
    ['accrual', awarded === '0' ? undefined : awarded],
    ['uploaded_at', text(uploadedAt)],
  ]);
}

/** The balance, and the entry of the history that has changed it. */
function balanceOf(data: Fields, { at }: StoredEvent): string {
  const { transaction, kind, order, amount, balance, withdrawn, reason } = data;
  const entry = object([
    ['id', text(transaction)],
    ['kind', text(kind)],
    ['order', order === undefined ? undefined : text(order)],
    ['amount', number(amount)],
    ['balance_after', number(balance)],
    ['at', text(at)],
    ['reason', reason === undefined ? undefined : text(reason)],
  ]);
  return object([
    ['current', number(balance)],
    ['withdrawn', number(withdrawn)],
    ['entry', entry],
  ]);
}

/** Without those that have no value. */
function object(members: readonly (readonly [string, string | undefined])[]): string {
  const present = members.flatMap(([name, json]) =>
    json === undefined ? [] : [`"${name}":${json}`],
  );
  return `{${present.join()}}`;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('a text is missing');
  return JSON.stringify(value);
}

/** `-500.50` as JSON is written, `-500.5`: a double would not hold every sum. */
function number(value: unknown): string {
  if (typeof value !== 'string' || !/^-?\d+\.\d{2}$/.test(value))
    throw new TypeError('a sum is missing');
  return value.replace(/\.?0{1,2}$/, '');
}
