import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ClaimTasks } from '../../../../src/cashback/application/processor/claim-tasks.js';
import { UpdateGate } from '../../../../src/cashback/application/update-gate.js';
import { SqlGateRepository } from '../../../../src/cashback/infrastructure/sql-gate-repository.js';
import { SqlQueueRepository } from '../../../../src/cashback/infrastructure/sql-queue-repository.js';
import { inMemoryWorker } from '../../../support/fakes/in-memory-worker.js';
import { openDatabase, type OpenDatabase } from '../../../support/database/open-database.js';

const LEASE_MS = 30_000;
const LONGEST_WAIT_MS = 720_000;
const MINUTE = 60_000;

describe('a database whose clock was set back by an hour', () => {
  let open: OpenDatabase;
  let queue: SqlQueueRepository;
  let gates: SqlGateRepository;
  let updateGate: UpdateGate;
  let claimTasks: ClaimTasks;
  let ann: string;

  beforeAll(async () => {
    open = await openDatabase();
    queue = new SqlQueueRepository(open.unitOfWork);
    gates = new SqlGateRepository(open.unitOfWork);
    updateGate = new UpdateGate(open.unitOfWork, gates);
    ann = await open.books.user();
  });

  afterAll(() => open.close());

  beforeEach(async () => {
    const { settings, clock } = inMemoryWorker({ leaseMs: LEASE_MS });
    claimTasks = new ClaimTasks(open.unitOfWork, gates, queue, settings, clock);
    await open.database.query('TRUNCATE gophermart.queue');
    await open.database.query(
      'UPDATE gophermart.accrual_gate SET paused_until = NULL, breaker_open = false, ' +
        'next_probe_at = NULL, rate_per_minute = NULL, refilled_at = NULL, saved_at = NULL',
    );
  });

  const setBack = async (columns = 'next_attempt_at, status_changed_at'): Promise<void> => {
    for (const column of columns.split(', '))
      await open.database.query(
        `UPDATE gophermart.queue SET ${column} = ${column} + interval '1 hour'`,
      );
  };
  const setGateBack = async (columns: string): Promise<void> => {
    for (const column of columns.split(', '))
      await open.database.query(
        `UPDATE gophermart.accrual_gate SET ${column} = ${column} + interval '1 hour'`,
      );
  };
  const claim = async (): Promise<string[]> => {
    const free = { slots: 10, suspects: 10, isProbe: false };
    return (await claimTasks.execute(free)).tasks.map(({ orderId }) => orderId).sort();
  };
  const dueInMs = async (orderId: string): Promise<number> =>
    (await open.books.taskOf(orderId))?.due_in_ms ?? NaN;

  it.each(['next_attempt_at, status_changed_at', 'next_attempt_at'])(
    'has claimed at once what was due: %s',
    async (columns) => {
      const ids = [await open.books.task(ann), await open.books.task(ann, { dueInMs: 0 })];
      await setBack(columns);
      expect(await claim()).toEqual(ids.sort());
    },
  );

  it('has a task wait for as long as it was told to', async () => {
    const id = await open.books.task(ann, { dueInMs: 5 * MINUTE });
    await setBack();
    expect(await queue.reschedule(LEASE_MS, LONGEST_WAIT_MS)).toBe(1);
    expect(await dueInMs(id)).toBeGreaterThan(4 * MINUTE);
    expect(await dueInMs(id)).toBeLessThanOrEqual(5 * MINUTE);
    expect(await queue.reschedule(LEASE_MS, LONGEST_WAIT_MS)).toBe(0);
  });

  it('leaves a lease to its worker, for its time and no try', async () => {
    const id = await open.books.task(ann);
    expect(await claim()).toEqual([id]);
    await setBack();
    expect(await queue.reschedule(LEASE_MS, LONGEST_WAIT_MS)).toBe(1);
    expect(await dueInMs(id)).toBeGreaterThan(LEASE_MS - 10_000);
    expect(await dueInMs(id)).toBeLessThanOrEqual(LEASE_MS);
    expect(await open.books.taskOf(id)).toMatchObject({ attempt: 1, tries: 0 });
  });

  it('leaves alone what can be, and what is parked', async () => {
    await open.books.task(ann, { dueInMs: LONGEST_WAIT_MS });
    await open.books.task(ann, { status: 'PROCESSING', dueInMs: LEASE_MS });
    await open.books.task(ann, { status: 'FAILED', dueInMs: 60 * MINUTE });
    expect(await queue.reschedule(LEASE_MS, LONGEST_WAIT_MS)).toBe(0);
  });

  it('does not wait for rows that others have locked', async () => {
    const id = await open.books.task(ann);
    await setBack();
    await open.database.query('BEGIN');
    await open.database.query('SELECT 1 FROM gophermart.queue WHERE order_id = $1 FOR UPDATE', [
      id,
    ]);
    expect(await queue.reschedule(LEASE_MS, LONGEST_WAIT_MS)).toBe(0);
    await open.database.query('ROLLBACK');
  });

  it('pauses after a 429 for as long as it was told', async () => {
    await updateGate.execute((gate) => gate.pause(MINUTE, undefined));
    await setGateBack('paused_until, refilled_at, saved_at');
    await claim();
    const [gate] = await open.database.query<{ ahead: boolean; left: number }>(
      `SELECT saved_at > clock_timestamp() AS ahead,
         extract(epoch FROM paused_until - clock_timestamp())::double precision AS left
       FROM gophermart.accrual_gate`,
    );
    expect(gate?.ahead).toBe(false);
    expect(gate?.left).toBeGreaterThan(50);
    expect(gate?.left).toBeLessThanOrEqual(60);
  });

  it.each<[string, string]>([
    ['is paused', "paused_until = clock_timestamp() + interval '61 minutes'"],
    ['is open', `breaker_open = true, next_probe_at = clock_timestamp() + interval '1 hour'`],
    [
      'has permits',
      `rate_per_minute = 6000, permits = 1, rate_changed_at = clock_timestamp(),
       refilled_at = clock_timestamp() + interval '1 hour'`,
    ],
  ])('sends a request though the gate %s until an hour from now', async (_, state) => {
    const id = await open.books.task(ann);
    await open.database.query(`UPDATE gophermart.accrual_gate SET ${state}`);
    expect(await claim()).toEqual([id]);
  });
});

describe('a database whose clock was set forward by an hour', () => {
  it('has each wait end once, and counts permits as ever', async () => {
    const open = await openDatabase();
    try {
      const gates = new SqlGateRepository(open.unitOfWork);
      const updateGate = new UpdateGate(open.unitOfWork, gates);
      await updateGate.execute((gate) => gate.pause(MINUTE, 600));
      await open.database.query(
        `UPDATE gophermart.accrual_gate SET paused_until = paused_until - interval '1 hour',
           refilled_at = refilled_at - interval '1 hour',
           rate_changed_at = rate_changed_at - interval '1 hour',
           saved_at = saved_at - interval '1 hour'`,
      );
      const gate = await gates.read();
      expect(gate).toMatchObject({ isMended: false, isPaused: false });
      expect(gate.permits(64)).toBe(1);
    } finally {
      await open.close();
    }
  });
});
