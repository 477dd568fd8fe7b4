import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { send } from '../../support/http/raw-http.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('the metrics say', () => {
  let service: TestService;
  let customer: Customer;

  beforeAll(async () => {
    service = await startTestService({ settings: { cashback: { tickMs: 20 } } });
    customer = await service.customerWith('100');
  });

  afterAll(() => service.stop());

  /** @param sample a name with its labels, as it stands in `/metrics`; NaN where it does not. */
  async function valueOf(sample: string): Promise<number> {
    const { text } = await send(service.url, 'GET /metrics');
    const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
    return Number(line?.slice(sample.length + 1) ?? NaN);
  }

  it('what was spent, and nothing twice', async () => {
    const number = freshNumber();
    for (const sum of ['4.50', '4.5']) await customer.withdraw(number, sum);
    await customer.withdraw(freshNumber(), '1000');
    expect(await valueOf('account_withdrawals_total')).toBe(1);
    expect(await valueOf('account_points_spent_total')).toBe(4.5);
    expect(await valueOf('cashback_points_credited_total')).toBe(100);
  });

  it('which errors requests met, by their names', async () => {
    const low = 'http_refusals_total{error="ErrLowBalance"}';
    const before = (await valueOf(low)) || 0;
    await customer.withdraw(freshNumber(), '1000');
    await send(service.url, 'GET /nothing');
    expect(await valueOf(low)).toBe(before + 1);
    expect(await valueOf('http_refusals_total{error="ErrNotFound"}')).toBe(1);
  });

  it('how many commands share a commit, how long they wait, and how long it takes', async () => {
    await Promise.all(Array.from({ length: 20 }, () => customer.upload(freshNumber())));
    for (const commands of ['uploads', 'withdrawals', 'settlements']) {
      const batches = await valueOf(`commit_batch_size_count{commands="${commands}"}`);
      expect(batches).toBeGreaterThan(0);
      const durations = `commit_duration_seconds_count{commands="${commands}"}`;
      expect(await valueOf(durations)).toBeGreaterThanOrEqual(batches);
    }
    // The first order, and twenty at once.
    expect(await valueOf('commit_batch_size_sum{commands="uploads"}')).toBe(21);
    expect(await valueOf('commit_batch_size_count{commands="uploads"}')).toBeLessThan(21);
    expect(await valueOf('commit_wait_seconds_sum{commands="uploads"}')).toBeGreaterThan(0);
    expect(await valueOf('commit_duration_seconds_sum{commands="uploads"}')).toBeGreaterThan(0);
  });

  it('how long the oldest order waits for its points, also where its task is not due', async () => {
    await customer.upload(freshNumber());
    const oldest = 'cashback_oldest_task_seconds{status="PENDING"}';
    await eventually('the accrual system does not know the number', async () => {
      const tasks = await valueOf('cashback_tasks{status="PENDING"}');
      return tasks > 0 && (await valueOf(oldest)) > 0.2;
    });
    expect(await valueOf(oldest)).toBeLessThan(60);
    expect(await valueOf('cashback_oldest_task_seconds{status="FAILED"}')).toBe(0);
  });

  it('whether the accrual system is out', async () => {
    expect(await valueOf('accrual_up')).toBe(1);
    const outage = await startTestService({ settings: { cashback: { tickMs: 60_000 } } });
    await outage.database.query(
      `UPDATE gophermart.accrual_gate SET unanswered_since = now(), unanswered_reason = 'x'`,
    );
    const { text } = await send(outage.url, 'GET /metrics');
    await outage.stop();
    expect(text).toMatch(/^accrual_up 0$/m);
  });

  it('what keeps requests waiting in this process', async () => {
    expect(await valueOf('database_connections{state="waiting"}')).toBe(0);
    const open = await Promise.all(
      ['used', 'idle'].map((state) => valueOf(`database_connections{state="${state}"}`)),
    );
    expect(open.reduce((sum, each) => sum + each)).toBeGreaterThan(0);
    expect(await valueOf('password_hashes{state="running"}')).toBe(0);
    expect(await valueOf('password_hashes{state="waiting"}')).toBe(0);
    // Two ticks of its timer, of 10 ms, lie between this scrape and the last one.
    await pause(100);
    expect(await valueOf('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  });

  it('what runs', async () => {
    const { text } = await send(service.url, 'GET /metrics');
    expect(text).toMatch(
      new RegExp(
        `^gophermart_build_info\\{version="\\d+\\.\\d+\\.\\d+",node="${process.version}"\\} 1$`,
        'm',
      ),
    );
  });
});
