import type { Mutant } from '../mutant.js';

const ORDER = 'src/orders/domain/order.ts';
const REPOSITORY = 'src/orders/infrastructure/sql-order-repository.ts';

export const ORDER_MUTANTS: readonly Mutant[] = [
  {
    name: 'a final order moves again',
    why: 'INVALID after PROCESSED takes the award off the order, and a second PROCESSED brings another',
    edits: [
      {
        file: 'src/orders/domain/order.ts',
        find: 'PROCESSED: [],',
        replace: `PROCESSED: ['INVALID', 'PROCESSED'],`,
      },
    ],
    killer: {
      file: 'src/orders/domain/order.spec.ts',
      test: 'Order refuses to leave PROCESSED, and keeps what it was',
    },
  },
  {
    name: 'an order of anybody',
    why: 'whoever uploads another user’s number is told that it is the own one',
    edits: [
      { file: ORDER, find: 'upload.userId !== this.state.userId', replace: `upload.userId === ''` },
    ],
    killer: {
      file: 'src/orders/domain/order.spec.ts',
      test: 'Order tells nobody else that it is theirs',
    },
  },
  {
    name: 'unsorted unique keys',
    why: 'uploads of {X, Y} and {Y, X} at once deadlock on the unique key',
    edits: [{ file: REPOSITORY, find: 'ORDER BY num COLLATE "C"', replace: '' }],
    killer: {
      file: 'test/integration/postgres/lock-order.test.ts',
      test: 'the one order of locks holds for new orders',
    },
  },
  {
    name: 'missing lock of the order',
    why: 'two settlements at once both see an order that has no final answer yet',
    edits: [{ file: REPOSITORY, find: 'ORDER BY id FOR UPDATE', replace: 'ORDER BY id' }],
    killer: {
      file: 'test/integration/orders/order-repository.test.ts',
      test: 'SqlOrderRepository holds its locks until the transaction ends',
    },
  },
  {
    name: 'the last of a list owns the number',
    why: 'of two users in one list the later one gets the order',
    edits: [
      {
        file: 'src/orders/application/upload-orders.ts',
        find: 'if (!firsts.has(number.value)) firsts.set(',
        replace: 'firsts.set(',
      },
    ],
    killer: {
      file: 'src/orders/application/upload-orders.spec.ts',
      test: 'UploadOrders answers each upload of a list on its own merits',
    },
  },
  {
    name: 'enqueued after the commit',
    why: 'a crash between the two leaves an order that nobody ever asks about',
    edits: [
      {
        file: 'src/cashback/application/enqueue-orders.ts',
        find: 'transaction.afterCommit(this.queue.add(transaction, tasks), (added) => { if (added > 0) this.wakeUp.call(); });',
        replace:
          'setImmediate(() => { try { this.queue.add(transaction, tasks); } catch { return; } this.wakeUp.call(); });',
      },
    ],
    killer: {
      file: 'src/cashback/application/enqueue-orders.spec.ts',
      test: 'EnqueueOrders stores the tasks in the transaction that stores their orders, and wakes the worker after it',
    },
  },
  {
    name: 'newest last',
    why: 'lists are the wrong way round',
    edits: [
      {
        file: 'src/orders/infrastructure/sql-order-queries.ts',
        find: 'ORDER BY uploaded_at DESC, id DESC',
        replace: 'ORDER BY uploaded_at, id',
      },
    ],
    killer: {
      file: 'test/integration/account/account-queries.test.ts',
      test: 'what a user sees of the books shows orders newest first, the later id of one moment first, an accrual only where there is one',
    },
  },
];
