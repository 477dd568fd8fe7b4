import {
  about,
  book,
  type Corruption,
  type Draw,
  EARNER,
  entry,
  extraOrder,
  order,
  OTHER_EARNER,
  STRANGE_NUMBER,
  task,
} from './corruption.js';
import { EXTRA, sample } from './sample-books.js';

export function corruptionsOfOrders(draw: Draw): Corruption[] {
  const [a, b] = [draw(EARNER), draw(OTHER_EARNER)];
  const [fresh, unawarded, invalid] = [draw(EXTRA.NEW), draw(EXTRA.UNAWARDED), draw(EXTRA.INVALID)];
  const copy = `SELECT gen_random_uuid(), user_id, num, status, accrual, uploaded_at
    FROM gophermart.orders WHERE num`;
  const number = sample.extraNumber;
  return [
    ...about(
      [sample.number(a, 2)],
      [
        ['an award changed afterwards', order(a, 2, 'accrual = accrual + 0.01'), 'accrual-sum'],
        ['an award taken back', order(a, 2, 'accrual = NULL'), 'accrual-sum'],
        [
          'an order given to somebody else',
          order(a, 2, `user_id = '${sample.account(b)}'`),
          'accrual-to-another',
        ],
        [
          'a final order put back',
          order(a, 2, `status = 'PROCESSING'`),
          'order-accrual',
          'accrual-too-early',
          'order-without-task',
        ],
        [
          'an order lost',
          `DELETE FROM gophermart.orders WHERE id = '${sample.order(a, 2)}'`,
          'accrual-without-order',
        ],
      ],
    ),
    ...about(
      [STRANGE_NUMBER, sample.number(a, 2)],
      [
        [
          'points for an order nobody uploaded',
          book(a, 'ACCRUAL', '5.00', STRANGE_NUMBER),
          'accrual-without-order',
        ],
        [
          'points under another number',
          entry(a, 3, `order_num = '${STRANGE_NUMBER}'`),
          'order-not-credited',
          'accrual-without-order',
        ],
      ],
    ),
    ...about(
      [number(unawarded)],
      [
        ['an award never credited', extraOrder(unawarded, 'accrual = 5'), 'order-not-credited'],
        [
          'points for an order without an award',
          book(unawarded, 'ACCRUAL', '5.00', number(unawarded)),
          'accrual-sum',
        ],
        ['an award below zero', extraOrder(unawarded, 'accrual = -5'), 'order-accrual'],
        [
          'an award beyond every limit',
          extraOrder(unawarded, 'accrual = 1e13'),
          'order-accrual',
          'order-not-credited',
        ],
      ],
    ),
    ...about(
      [number(invalid)],
      [
        [
          'points for an order that was refused',
          book(invalid, 'ACCRUAL', '5.00', number(invalid)),
          'accrual-too-early',
        ],
        ['a refused order with an award', extraOrder(invalid, 'accrual = 5'), 'order-accrual'],
        [
          'an order that was final before it was uploaded',
          extraOrder(invalid, `finished_at = uploaded_at - interval '1 second'`),
          'order-steps',
        ],
        [
          'a number uploaded twice',
          `INSERT INTO gophermart.orders ${copy} = '${number(invalid)}'`,
          'order-twice',
        ],
      ],
    ),
    ...about(
      [number(fresh)],
      [
        [
          'an order of tomorrow',
          extraOrder(fresh, `uploaded_at = now() + interval '1 day'`),
          'order-in-future',
        ],
      ],
    ),
  ];
}

export function corruptionsOfTasks(draw: Draw): Corruption[] {
  const [fresh, calculating, parked] = [
    draw(EXTRA.NEW),
    draw(EXTRA.CALCULATING),
    draw(EXTRA.PARKED),
  ];
  const [invalid, a] = [draw(EXTRA.INVALID), draw(EARNER)];
  const lost = (i: number): string =>
    `DELETE FROM gophermart.queue WHERE order_id = '${sample.extraOrder(i)}'`;
  return about(
    [
      ...[fresh, calculating, parked, invalid].map(sample.extraNumber),
      sample.number(a, 1),
      sample.extraOrder(a),
      sample.extraOrder(fresh),
    ],
    [
      ['the task of a new order lost', lost(fresh), 'order-without-task'],
      ['the task of a calculation lost', lost(calculating), 'order-without-task'],
      ['the task of a parked order lost', lost(parked), 'order-without-task'],
      ['a task for a credited order', task(sample.order(a, 1)), 'task-of-final-order'],
      ['a task for a refused order', task(sample.extraOrder(invalid)), 'task-of-final-order'],
      ['a task for nothing', task(sample.extraOrder(a)), 'task-without-order'],
      ['a task parked unasked', extraOrder(parked, `status = 'NEW'`), 'task-parked-too-early'],
      ['two tasks for one order', task(sample.extraOrder(fresh)), 'task-twice'],
    ],
  );
}

export function corruptionsOfCustomers(draw: Draw): Corruption[] {
  const id = sample.account(draw(EARNER));
  const totals = ['users', 'accounts', 'orders', 'entries', 'accrued', 'withdrawn'];
  const sum = (kind: string): string =>
    `(SELECT sum(amount) FROM gophermart.ledger_entries WHERE kind = '${kind}')`;
  const count = (table: string): string => `(SELECT count(*) FROM gophermart.${table})`;
  const counts = ['users', 'accounts', 'orders', 'ledger_entries'].map(count).join();
  const lost = [
    ['ledger_entries', 'account_id'],
    ['orders', 'user_id'],
    ['accounts', 'user_id'],
    ['users', 'id'],
  ].map(([table, column]) => `DELETE FROM gophermart.${table} WHERE ${column} = '${id}'`);
  return about(totals, [
    [
      'a customer lost with all that they had, since the last run',
      [
        `INSERT INTO gophermart.reconciled_totals (${totals.join()})
         VALUES (${counts}, ${sum('ACCRUAL')}, ${sum('WITHDRAWAL')})`,
        ...lost,
      ],
      ...totals.map(() => 'total-shrank' as const),
    ],
  ]);
}
