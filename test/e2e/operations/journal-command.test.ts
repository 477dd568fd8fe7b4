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
      expect.stringMatching(/^7 events, 0\.\d MB; the last is \d+, \d+ s ago$/),
    ]);
  });

  it('serves nothing, whatever the service is configured to serve', async () => {
    const taken = new URL(service.url).port;
    const { code, errors } = await operate('journal', ['stats', '-d', service.database.uri], {
      RPC_ADDRESS: `127.0.0.1:${taken}`,
      RPC_SECRET: 'the secret of all processes',
      ROLES: 'query',
      AMQP_FILE: '/nowhere',
    });
    expect([code, errors]).toEqual([0, '']);
  });

  it('prints for programs, too', async () => {
    const { lines } = await journal('--json', 'stats');
    expect(JSON.parse(lines.join('\n'))).toEqual({
      events: 7,
      types: expect.objectContaining({ order_created: 1, operator_action: 1 }) as unknown,
      last: expect.stringMatching(/^\d+$/) as unknown,
      lastSeconds: expect.any(Number) as unknown,
      bytes: expect.any(Number) as unknown,
      subscriptions: [],
    });
  });

  describe('of a subscription', () => {
    /** As a service with a broker has it that is away. */
    beforeAll(async () => {
      await service.database.query(
        `INSERT INTO gophermart.subscriptions (name, cursor) SELECT 'broker', json_build_object(
           'seen', mark, 'until', mark, 'after', '2', 'floors', json_build_object())
         FROM (
           SELECT json_build_object('snapshot', '9:9:', 'top', '2', 'restored', '0') AS mark
         ) m`,
      );
      await service.database.query(
        `INSERT INTO gophermart.parked_events (subscription, position, reason)
         VALUES ('broker', 1, 'too large'), ('broker', 2, 'too large')`,
      );
    });

    it('tells how far it has got', async () => {
      const { lines } = await journal('stats');
      expect(lines.at(-1)).toMatch(
        /^broker: about 5 .* due, for \d+ (s|min), 2 parked \(journal dead list\); no process reads it$/,
      );
      const { lines: json } = await journal('stats', '--json');
      expect(JSON.parse(json.join('\n'))).toMatchObject({
        subscriptions: [{ name: 'broker', isRead: false, backlog: 5, parked: 2 }],
      });
    });

    it('shows what is parked, and puts it back', async () => {
      const { lines } = await journal('dead', 'list');
      expect(lines).toEqual([
        expect.stringMatching(
          /^1 {2}user_registered {2}broker: parked for \d+ (s|min); too large$/,
        ),
        expect.stringMatching(/^2 {2}order_created {2}broker: parked for \d+ (s|min); too large$/),
      ]);
      await expect(journal('dead', 'list', '--limit', '1')).resolves.toMatchObject({
        lines: [expect.stringMatching(/^1 /), '… and more: --limit <n>'],
      });
      const retried = await journal('dead', 'retry', '2', '3', '--by', 'ann');
      expect(retried).toMatchObject({
        code: 1,
        lines: ['3: not parked, or put back already', '1 of 2 put back'],
      });
      const { lines: json } = await journal('dead', 'list', '--json');
      expect(JSON.parse(json.join(''))).toMatchObject({
        events: [
          { position: '1', isPutBack: false },
          { position: '2', isPutBack: true },
        ],
      });
      await expect(journal('dead', 'retry', '--all')).resolves.toMatchObject({
        code: 0,
        lines: ['1 put back'],
      });
      await expect(journal('dead', 'retry', '--all')).resolves.toMatchObject({
        lines: ['0 put back'],
      });
    });

    it('begins again where it is told, and no later than it stands', async () => {
      await expect(journal('replay', 'broker', '--by', 'ann')).resolves.toMatchObject({
        code: 0,
        lines: ['broker goes on with event 1'],
      });
      await expect(journal('replay', 'broker', '--from', '5')).resolves.toMatchObject({
        lines: ['broker goes on with event 1'],
      });
      await service.database.query(
        `UPDATE gophermart.subscriptions
         SET cursor = jsonb_set(jsonb_set(cursor, '{after}', '"7"'), '{until,top}', '"7"')`,
      );
      await expect(journal('replay', 'broker', '--from', '2020-01-01')).resolves.toMatchObject({
        lines: ['broker goes on with event 1'],
      });
      await expect(journal('replay', 'mail')).resolves.toMatchObject({
        code: 1,
        lines: ['"mail" is no subscription: broker'],
      });
    });

    it('has the journal tell who did it', async () => {
      const rows = await service.database.query<{ data: string }>(
        `SELECT data FROM gophermart.events WHERE type = 'operator_action' ORDER BY position`,
      );
      expect(rows.slice(1, 4).map(({ data }) => JSON.parse(data) as unknown)).toEqual([
        { action: 'journal dead retry', by: 'ann' },
        { action: 'journal dead retry', by: expect.any(String) },
        { action: 'journal replay broker', by: 'ann' },
      ]);
    });
  });

  it('names what it does not understand', async () => {
    await expect(journal('stat', '--jsn')).resolves.toMatchObject({
      code: 2,
      errors: expect.stringMatching(/--jsn is no option[^]*"stat" is no command: stats/) as unknown,
    });
  });
});
