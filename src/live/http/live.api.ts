import { namedSchema } from '../../platform/http/openapi.js';

export const DESCRIPTION = `
What happens to the user from now on, as a stream of server-sent events; browsers read it with \
\`EventSource\`. Behind each id the stream goes on where it ended, at any replica: send the last \
one as \`Last-Event-ID\`, as \`EventSource\` does by itself, or as \`?after=\`. The first id \
comes without an event. Nothing is missing then, and nothing comes twice. Read lists and balance \
after the stream has begun, and nothing lies between.

- \`order_updated\`: the status of an order has changed; its line of the list.
- \`balance_changed\`: the balance, and the entry that has changed it. \`amount\` is signed.
- \`gap\`: the id of the header is not one of this user's, or the service does not know it any \
more, or it cannot tell what has happened last. The stream goes on with what happens now: read \
lists and balance again.

\`\`\`
retry: 2000

id: q3Vt0mC1nBfK2u9xJc8w5A

id: Zk0hYb7s2QeXw1LrTn4mGg
event: order_updated
data: {"number":"12345678903","status":"PROCESSED","accrual":500,"uploaded_at":"…"}
\`\`\`

The schema is that of the data of one event. A comment comes every 15 s. The stream ends when the \
session does, and when the process stops. One whose client does not read is cut off. Fields, types \
and kinds may be added.
`.trim();

const POINTS = { type: 'number', minimum: 0, multipleOf: 0.01 } as const;

const BALANCE_CHANGE = namedSchema('BalanceChange', {
  type: 'object',
  required: ['current', 'withdrawn', 'entry'],
  additionalProperties: false,
  properties: {
    current: { ...POINTS, description: 'points to spend' },
    withdrawn: { ...POINTS, description: 'points spent so far' },
    entry: { $ref: '#/components/schemas/LedgerEntry' },
  },
});

/**
 * OpenAPI 3.1 has no word for the events of a stream. By custom the schema of the stream is that of
 * an event's data, and generated clients give each event that type.
 */
export const EVENT_SCHEMA = namedSchema('EventData', {
  oneOf: [
    { $ref: '#/components/schemas/Order' },
    BALANCE_CHANGE,
    { type: 'object', maxProperties: 0, additionalProperties: false, description: 'a gap' },
  ],
});

export const EVENT_EXAMPLES = {
  order_updated: {
    value: {
      number: '12345678903',
      status: 'PROCESSED',
      accrual: 500,
      uploaded_at: '2026-11-21T12:30:15.123Z',
    },
  },
  balance_changed: {
    value: {
      current: 500.5,
      withdrawn: 42,
      entry: {
        id: '0198c0de-2b20-7111-8a55-0c5f0a7f6b1d',
        kind: 'WITHDRAWAL',
        order: '2377225624',
        amount: -42,
        balance_after: 500.5,
        at: '2026-11-21T12:31:02.456Z',
      },
    },
  },
  gap: { value: {} },
};
