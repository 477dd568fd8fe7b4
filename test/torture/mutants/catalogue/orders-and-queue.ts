import { mutant } from '../mutant.js';

const LOCK_ORDER_TEST = 'test/integration/postgres/lock-order.test.ts';
const SQL_ORDER_REPOSITORY = 'src/orders/infrastructure/sql-order-repository.ts';
const QUEUE_SETTLE_TEST = 'test/integration/cashback/queue/queue-settle.test.ts';
const SQL_QUEUE_REPOSITORY = 'src/cashback/infrastructure/sql-queue-repository.ts';
const QUEUE_CLAIM_TEST = 'test/integration/cashback/queue/queue-claim.test.ts';
const CASHBACK_PROCESSOR_SPEC = 'src/cashback/application/processor/cashback-processor.spec.ts';
const CASHBACK_PROCESSOR = 'src/cashback/application/processor/cashback-processor.ts';

export const QUEUE_MUTANTS = [
  mutant(
    'unsorted unique keys',
    'uploads of {X, Y} and {Y, X} at once deadlock on the unique key',
    [LOCK_ORDER_TEST, 'the one order of locks holds for new orders'],
    [SQL_ORDER_REPOSITORY, 'ORDER BY num COLLATE "C"', ''],
  ),
  mutant(
    'orders dated one by one',
    'orders of one batch are listed in the order of their numbers, not of their uploads',
    [
      'test/integration/orders/order-repository.test.ts',
      'SqlOrderRepository dates a batch with one moment of the database, so that its ids order it',
    ],
    [SQL_ORDER_REPOSITORY, '(SELECT clock_timestamp())', 'clock_timestamp()'],
  ),
  mutant(
    'missing lock of the order',
    'two settlements at once both see an order that has no final answer yet',
    [
      'test/integration/orders/order-repository.test.ts',
      'SqlOrderRepository holds its locks until the transaction ends',
    ],
    [SQL_ORDER_REPOSITORY, 'ORDER BY id FOR UPDATE', 'ORDER BY id'],
  ),
  mutant(
    'the last of a batch owns the number',
    'of two users in one batch the later one gets the order',
    [
      'src/orders/application/upload-orders.spec.ts',
      'UploadOrders answers each upload of a batch on its own merits',
    ],
    [
      'src/orders/application/upload-orders.ts',
      'if (!firsts.has(number.value)) firsts.set(',
      'firsts.set(',
    ],
  ),
  mutant(
    'enqueued after the commit',
    'a crash between the two leaves an order for which no request ever goes out',
    [
      'src/cashback/application/enqueue-orders.spec.ts',
      'EnqueueOrders ' +
        'stores tasks in the transaction of their orders, and wakes the worker after it',
    ],
    [
      'src/cashback/application/enqueue-orders.ts',
      'transaction.afterCommit(this.queue.add(transaction, orderIds), ' +
        '(added) => { if (added > 0) this.wakeUp.call(); });',
      'transaction.afterCommit(this.queue.add(transaction, []), ' +
        '() => { this.queue.add(transaction, orderIds); this.wakeUp.call(); });',
    ],
  ),
  mutant(
    'missing fence',
    'a worker that was paused longer than its lease settles too, beside the one that took over',
    [
      QUEUE_SETTLE_TEST,
      'SettleTasks on a database changes nothing for an attempt that is not the last one',
    ],
    [
      SQL_QUEUE_REPOSITORY,
      '({ orderId, attempt }) => attempts.get(orderId) === attempt',
      '({ orderId }) => attempts.has(orderId)',
    ],
  ),
  mutant(
    'a fence that stands still',
    'the new claimant has the number of the old one, whose late answer counts as the new one’s',
    [QUEUE_CLAIM_TEST, 'SqlQueueRepository.claim leases a task until the lease ends'],
    [SQL_QUEUE_REPOSITORY, 'attempt = q.attempt + 1', 'attempt = q.attempt'],
  ),
  mutant(
    'lease shorter than the reply',
    'microseconds for milliseconds: every task is claimed again while its request is in flight',
    [QUEUE_CLAIM_TEST, 'SqlQueueRepository.claim leases a task until the lease ends'],
    [
      SQL_QUEUE_REPOSITORY,
      "clock_timestamp() + $1 * interval '1 millisecond',",
      "clock_timestamp() + $1 * interval '1 microsecond',",
    ],
  ),
  mutant(
    'an expired lease is never found',
    'the tasks of a worker that died stay PROCESSING for ever',
    [
      QUEUE_CLAIM_TEST,
      'SqlQueueRepository.claim finds a task again whose lease has ended, and spends a try on it',
    ],
    [
      SQL_QUEUE_REPOSITORY,
      "WHERE status <> 'FAILED' AND standing",
      "WHERE status = 'PENDING' AND standing",
    ],
  ),
  mutant(
    'lost leases are not counted',
    'a reply that kills its worker kills every worker, one after another, for ever',
    [
      QUEUE_CLAIM_TEST,
      'SqlQueueRepository.claim finds a task again whose lease has ended, and spends a try on it',
    ],
    [
      SQL_QUEUE_REPOSITORY,
      "tries = q.tries + (q.status = 'PROCESSING')::integer",
      'tries = q.tries',
    ],
  ),
  mutant(
    'claiming without SKIP LOCKED',
    'workers queue up behind each other’s claims',
    [
      QUEUE_CLAIM_TEST,
      'SqlQueueRepository.claim ' +
        'passes over what another claim holds, and does not wait for it: FRESH',
    ],
    [SQL_QUEUE_REPOSITORY, 'FOR UPDATE SKIP LOCKED`', 'FOR UPDATE`'],
  ),
  mutant(
    'tasks of orders that are not there',
    'a number that was uploaded before fails every upload of its batch',
    [
      QUEUE_CLAIM_TEST,
      'SqlQueueRepository.claim adds a task for each order that is there and has none, due at once',
    ],
    [
      SQL_QUEUE_REPOSITORY,
      "WHERE EXISTS (SELECT FROM gophermart.orders o WHERE o.id = t.order_id AND o.status = 'NEW')",
      '',
    ],
  ),
  mutant(
    'a claim beside its transaction',
    'a claim whose permits could not be counted has leased tasks all the same, ' +
      'and no request goes out for them until their leases end',
    [
      QUEUE_CLAIM_TEST,
      'SqlQueueRepository.claim ' +
        'gives its lease up when the transaction that it is part of rolls back: claim',
    ],
    [
      SQL_QUEUE_REPOSITORY,
      'transaction ? pgOf(transaction) : this.database',
      'transaction ? this.database : this.database',
    ],
  ),
  mutant(
    'unsorted locks of tasks',
    'two batches of resolutions over the same tasks deadlock',
    [LOCK_ORDER_TEST, 'the one order of locks holds for tasks'],
    [
      SQL_QUEUE_REPOSITORY,
      'ORDER BY order_id FOR UPDATE`',
      'ORDER BY array_position($1::uuid[], order_id) FOR UPDATE`',
    ],
  ),
  mutant(
    'UPDATE of every task',
    'one order’s resolution parks, delays or frees the whole queue',
    [
      QUEUE_SETTLE_TEST,
      'SettleTasks on a database ' +
        'moves orders, credits, dequeues: one transaction, 8 statements, 2 round trips',
    ],
    [SQL_QUEUE_REPOSITORY, 'WHERE q.order_id = v.order_id', 'WHERE v.order_id IS NOT NULL'],
  ),
  mutant(
    'a parked task is lost',
    'an order whose tries are spent leaves the queue: nobody sees it, nobody puts it back',
    [
      QUEUE_SETTLE_TEST,
      'SettleTasks on a database parks a task with its reason; its order is PROCESSING',
    ],
    [
      SQL_QUEUE_REPOSITORY,
      ".filter(({ task }) => task.status === 'gone')",
      ".filter(({ task }) => task.status !== 'PENDING')",
    ],
  ),
  mutant(
    'credit outside the transaction',
    'the order is PROCESSED and its task gone, then the process dies: the points never come',
    [
      QUEUE_SETTLE_TEST,
      'SettleTasks on a database rolls all of it back when the account cannot take the points',
    ],
    [
      'src/cashback/application/settle-tasks.ts',
      'throwIfRefused(accounts.credit(changed.flatMap(creditOf)));',
      'void accounts; const credits = changed.flatMap(creditOf); ' +
        'transaction.afterCommit(this.queue.add(transaction, []), () => ' +
        'void this.unitOfWork.run(async (after) => throwIfRefused(' +
        '(await this.creditPoints.lock(after, credits.map(({ userId }) => userId)))' +
        '.credit(credits))).catch(() => undefined));',
    ],
  ),
  mutant(
    '429 counted as a try',
    'an hour of "too fast" parks the whole backlog as FAILED',
    [
      CASHBACK_PROCESSOR_SPEC,
      'CashbackProcessor sends no request in a pause, spends no try, and goes on when it is over',
    ],
    [CASHBACK_PROCESSOR, 'task.postponed(reply.pauseMs)', "task.faulted('too fast', 0)"],
  ),
  mutant(
    'missing lock of the gate',
    'two replicas spend the same permits and go beyond the limit',
    [
      'test/integration/cashback/queue/gate-repository.test.ts',
      'SqlGateRepository holds its lock until the transaction ends',
    ],
    ['src/cashback/infrastructure/sql-gate-repository.ts', '`${READ} FOR UPDATE`', 'READ'],
  ),
  mutant(
    'a stop keeps its tasks',
    'every deployment makes the orders under way wait for the end of their leases, ' +
      'and spends a try on each',
    [
      CASHBACK_PROCESSOR_SPEC,
      'CashbackProcessor puts its tasks back when it stops, at once and without spending a try',
    ],
    [
      CASHBACK_PROCESSOR,
      'if (!reply) return this.#resolve(task, task.postponed(0));',
      'if (!reply) return;',
    ],
  ),
];
