/** An event as the journal has it. */
export interface JournalEvent {
  readonly position: bigint;
  readonly type: string;
  /** The id of the user whom it concerns. */
  readonly subject?: string;
  /** Of the order or the account: its event with the highest one has its present state. */
  readonly revision?: number;
  /** RFC 3339; absent where it is not known. */
  readonly at?: string;
  /** Of the request that led to it. */
  readonly traceparent?: string;
  /** JSON text. */
  readonly data: string;
}

/** The type itself; all of an accrual share one, so that they keep their order. */
export function routingKeyOf({ type }: JournalEvent): string {
  return type.startsWith('accrual_') ? 'accrual' : type;
}

/** Lanes on which events are passed on side by side, where they are passed on by user. */
export const LANES = 16;

/** Those of one user share a lane: the last digit of the user's id is random. */
export function laneOf({ subject }: JournalEvent): number {
  return parseInt(subject?.at(-1) ?? '0', LANES);
}

/** What only operators may see of what they did. */
const FOR_OPERATORS = ['by', 'note'];

/**
 * A CloudEvent of version 1.0 in JSON, as whoever is not an operator may see it. The data travels
 * as it is stored: parsing it would cost more than all the rest.
 */
export function cloudEventOf(event: JournalEvent): string {
  const { position, type, subject, at, traceparent, revision } = event;
  const attributes = {
    specversion: '1.0',
    id: String(position),
    source: 'gophermart',
    type,
    ...(subject !== undefined && { subject }),
    ...(at !== undefined && { time: at }),
    ...(traceparent !== undefined && { traceparent }),
    ...(revision !== undefined && { revision }),
  };
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${dataOf(event)}}`;
}

function dataOf({ type, data }: JournalEvent): string {
  if (type !== 'operator_action') return data;
  try {
    const action = JSON.parse(data) as Record<string, unknown>;
    return JSON.stringify(action, (key, value: unknown) =>
      FOR_OPERATORS.includes(key) ? undefined : value,
    );
  } catch {
    // A row by hand: nobody can say what of it is for operators.
    return 'null';
  }
}
