import type { Mutant } from '../mutant.js';

const QUEUE = 'src/cashback/infrastructure/sql-queue-repository.ts';
const CLAIM_TEST = 'test/integration/queue/queue-claim.test.ts';
const SETTLE = 'src/cashback/application/settle-tasks.ts';
const SETTLE_TEST = 'test/integration/queue/queue-settle.test.ts';

export const QUEUE_MUTANTS: readonly Mutant[] = [
  {
    name: 'missing fence',
    why: 'a worker that was paused longer than its lease settles beside the one that took over',
    edits: [
      {
        file: QUEUE,
        find: '({ orderId, attempt }) => attempts.get(orderId) === attempt',
        replace: '({ orderId }) => attempts.has(orderId)',
      },
    ],
    killer: {
      file: SETTLE_TEST,
      test: 'SettleTasks on a database changes nothing for an attempt that is not the last one',
    },
  },
  {
    name: 'a fence that stands still',
    why: 'the new claimant has the number of the old one, whose late answer counts as the new one’s',
    edits: [{ file: QUEUE, find: 'attempt = q.attempt + 1', replace: 'attempt = q.attempt' }],
    killer: {
      file: CLAIM_TEST,
      test: 'SqlQueueRepository.claim leases a task until the lease ends',
    },
  },
  {
    name: 'lease shorter than the reply',
    why: 'microseconds for milliseconds: every task is claimed again while its question is still open',
    edits: [
      {
        file: QUEUE,
        find: `$1 * interval '1 millisecond'`,
        replace: `$1 * interval '1 microsecond'`,
      },
    ],
    killer: {
      file: CLAIM_TEST,
      test: 'SqlQueueRepository.claim leases a task until the lease ends',
    },
  },
  {
    name: 'a lease shorter than the time-out may be set',
    why: 'the configuration that would have two workers ask for every slow order passes at start',
    edits: [
      {
        file: 'src/config/read-config.ts',
        find: 'config.cashbackLeaseMs < 2 * config.cashbackTimeoutMs',
        replace: 'config.cashbackLeaseMs < config.cashbackTickMs',
      },
    ],
    killer: {
      file: 'src/config/read-config.spec.ts',
      test: 'readConfig refuses a lease that does not outlive its question, and a spacing upside down',
    },
  },
  {
    name: 'an expired lease is never found',
    why: 'the tasks of a worker that died stay PROCESSING for ever',
    edits: [
      {
        file: QUEUE,
        find: `WHERE status <> 'FAILED' AND`,
        replace: `WHERE status = 'PENDING' AND`,
      },
    ],
    killer: {
      file: CLAIM_TEST,
      test: 'SqlQueueRepository.claim finds a task again whose lease ran out, and spends a try on it',
    },
  },
  {
    name: 'lost leases are not counted',
    why: 'a reply that kills its worker kills every worker, one after another, for ever',
    edits: [
      {
        file: QUEUE,
        find: `tries = q.tries + (q.status = 'PROCESSING')::integer`,
        replace: 'tries = q.tries',
      },
    ],
    killer: {
      file: CLAIM_TEST,
      test: 'SqlQueueRepository.claim finds a task again whose lease ran out, and spends a try on it',
    },
  },
  {
    name: 'claiming without SKIP LOCKED',
    why: 'workers queue up behind each other’s claims',
    edits: [{ file: QUEUE, find: 'FOR UPDATE SKIP LOCKED`', replace: 'FOR UPDATE`' }],
    killer: {
      file: CLAIM_TEST,
      test: 'SqlQueueRepository.claim passes over what another claimer holds, and does not wait for it: FRESH',
    },
  },
  {
    name: 'tasks of orders that are not there',
    why: 'a number that was uploaded before fails every upload of its list',
    edits: [
      {
        file: QUEUE,
        find: `WHERE EXISTS (SELECT FROM gophermart.orders o WHERE o.id = t.order_id AND o.status = 'NEW')`,
        replace: '',
      },
    ],
    killer: {
      file: CLAIM_TEST,
      test: 'SqlQueueRepository.claim adds a task for each order that is there and has none, due at once',
    },
  },
  {
    name: 'a claim beside its transaction',
    why: 'a claim whose permits could not be counted has leased tasks all the same: nobody asks about them until their leases end',
    edits: [
      {
        file: QUEUE,
        find: 'transaction ? pgOf(transaction) : this.database',
        replace: 'transaction ? this.database : this.database',
      },
    ],
    killer: {
      file: CLAIM_TEST,
      test: 'SqlQueueRepository.claim takes its lease back with the transaction that it was handed: claim',
    },
  },
  {
    name: 'unsorted locks of tasks',
    why: 'two lists of verdicts over the same tasks deadlock',
    edits: [
      {
        file: QUEUE,
        find: 'ORDER BY order_id FOR UPDATE`',
        replace: 'ORDER BY array_position($1::uuid[], order_id) FOR UPDATE`',
      },
    ],
    killer: {
      file: 'test/integration/postgres/lock-order.test.ts',
      test: 'the one order of locks holds for tasks',
    },
  },
  {
    name: 'UPDATE of every task',
    why: 'one order’s verdict parks, delays or frees the whole queue',
    edits: [
      {
        file: QUEUE,
        find: 'WHERE q.order_id = v.order_id',
        replace: 'WHERE v.order_id IS NOT NULL',
      },
    ],
    killer: {
      file: SETTLE_TEST,
      test: 'SettleTasks on a database moves orders, credits points and empties the queue in one transaction of eight statements and two round trips',
    },
  },
  {
    name: 'a parked task is lost',
    why: 'an order whose tries are spent leaves the queue: nobody sees it, nobody puts it back',
    edits: [
      {
        file: QUEUE,
        find: `.filter(({ task }) => task.status === 'gone')`,
        replace: `.filter(({ task }) => task.status !== 'PENDING')`,
      },
    ],
    killer: {
      file: SETTLE_TEST,
      test: 'SettleTasks on a database parks a task with its reason, its order PROCESSING',
    },
  },
  {
    name: 'credit outside the transaction',
    why: 'the order is PROCESSED and its task gone, then the process dies: the points never come',
    edits: [
      {
        file: SETTLE,
        find: 'throwIfRefused(accounts.credit(credits));',
        replace: `void accounts; setImmediate(() => void this.unitOfWork.run(async (after) => {
          const users = credits.map(({ userId }) => userId);
          throwIfRefused((await this.creditPoints.lock(after, users)).credit(credits));
        }).catch(() => undefined));`,
      },
    ],
    killer: {
      file: SETTLE_TEST,
      test: 'SettleTasks on a database rolls all of it back when the account cannot take the award',
    },
  },
];
