import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { operate, type OperatorRun } from '../../support/processes/operator-run.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('npm run journal', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService();
  });

  afterAll(() => service.stop());

  const journal = (...args: string[]): Promise<OperatorRun> =>
    operate('journal', [...args, '-d', service.database.uri]);

  it('counts the events of a service at work', async () => {
    const { lines: empty } = await journal('stats');
    expect(empty).toEqual([expect.stringMatching(/^no events, 0\.\d MB$/)]);
    await service.customerWith('5');
    await operate('queue', ['pause', '--by', 'ann', '-d', service.database.uri]);
    const { code, lines, errors } = await journal('stats');
    expect([code, errors]).toEqual([0, '']);
    expect(lines).toEqual([
      '1  accrual_finished',
      '1  accrual_started',
      '1  operator_action',
      '1  order_created',
      '1  order_updated',
      '1  transaction_processed',
      '1  user_registered',
      expect.stringMatching(/^7 events, 0\.\d MB; the last is \d+, \d s ago$/),
    ]);
  });

  it('prints for programs, too', async () => {
    const { lines } = await journal('--json', 'stats');
    expect(JSON.parse(lines.join('\n'))).toEqual({
      events: 7,
      types: expect.objectContaining({ order_created: 1, operator_action: 1 }) as unknown,
      last: expect.stringMatching(/^\d+$/) as unknown,
      lastSeconds: expect.any(Number) as unknown,
      bytes: expect.any(Number) as unknown,
    });
  });

  it('names what it does not understand', async () => {
    await expect(journal('stat', '--jsn')).resolves.toMatchObject({
      code: 2,
      errors: expect.stringMatching(/--jsn is no option[^]*"stat" is no command: stats/) as unknown,
    });
  });
});
