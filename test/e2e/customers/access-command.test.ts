import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { journalOf } from '../../support/database/journal.js';
import { eventually } from '../../support/eventually.js';
import { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';
import { operate, type OperatorRun } from '../../support/processes/operator-run.js';

const PASSWORD = 'a password';

describe('npm run customer, for who may sign in', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService();
  });

  afterAll(() => service.stop());

  const customer = (...args: string[]): Promise<OperatorRun> =>
    operate('customer', [...args, '-d', service.database.uri]);
  const idOf = ({ authorization }: Customer): string => readClaims(authorization).sub;
  const logIn = (login: string, password = PASSWORD): Promise<RawReply> =>
    send(service.url, 'POST /api/user/login', json(JSON.stringify({ login, password })));
  const isOut = (someone: Customer): Promise<void> =>
    eventually(
      'all sessions are over',
      async () => (await someone.statusOf('GET', '/api/user/balance')) === 401,
    );
  const actions = async (someone: Customer): Promise<unknown[]> =>
    (await journalOf(service.database, idOf(someone)))
      .filter(({ type }) => type === 'operator_action')
      .map(({ data }) => data);

  it('blocks and unblocks, each once, and the journal says who did it and why', async () => {
    const ann = await service.customer();
    const why = ['--reason', 'fraud', '--note', 'ticket 7', '--by', 'bob'];
    await expect(customer('block', ann.login, ...why)).resolves.toMatchObject({
      code: 0,
      lines: [`${idOf(ann)}: blocked, all sessions have ended, by bob`],
    });
    await isOut(ann);
    expectRefusal(await logIn(ann.login), REFUSALS.wrongPair);
    const shown = await customer('show', ann.login);
    expect(shown.lines[1]).toMatch(/^blocked 20.*Z; fraud$/);
    await expect(customer('block', ann.login, ...why)).resolves.toMatchObject({
      code: 0,
      lines: [`${idOf(ann)}: was blocked before`],
    });
    await expect(
      customer('unblock', '--id', idOf(ann), '--reason', 'cleared', '--by', 'eve', '--json'),
    ).resolves.toMatchObject({ code: 0, lines: [`{"id":"${idOf(ann)}","changed":true}`] });
    expect((await logIn(ann.login)).status).toBe(200);
    const target = idOf(ann);
    expect(await actions(ann)).toEqual([
      { action: 'customer block', by: 'bob', target, note: 'fraud; ticket 7' },
      { action: 'customer unblock', by: 'eve', target, note: 'cleared' },
    ]);
  });

  it('ends sessions, and gives a new password, which is shown once', async () => {
    const ann = await service.customer();
    await expect(customer('end-sessions', ann.login, '--by', 'bob')).resolves.toMatchObject({
      code: 0,
      lines: [`${idOf(ann)}: all sessions have ended, by bob`],
    });
    await isOut(ann);
    expect((await logIn(ann.login)).status).toBe(200);
    const { code, lines } = await customer('reset-password', ann.login, '--by', 'bob', '--json');
    const { password } = JSON.parse(lines.join('')) as { password: string };
    expect(code).toBe(0);
    expectRefusal(await logIn(ann.login), REFUSALS.wrongPair);
    expect((await logIn(ann.login, password)).status).toBe(200);
    expect(JSON.stringify(await journalOf(service.database))).not.toContain(password);
    expect(await actions(ann)).toEqual([
      { action: 'customer end-sessions', by: 'bob', target: idOf(ann) },
      { action: 'customer reset-password', by: 'bob', target: idOf(ann) },
    ]);
  });

  it('forgets a person, whose login is anybody’s then', async () => {
    const ann = await service.customerWith('5');
    await expect(customer('forget', ann.login, '--by', 'bob')).resolves.toMatchObject({
      code: 0,
      lines: [`${idOf(ann)}: forgotten: the login is free, orders and points stay, by bob`],
    });
    await isOut(ann);
    await expect(customer('forget', ann.login)).resolves.toMatchObject({
      code: 1,
      lines: [`no customer has the login ${ann.login}`],
    });
    for (const command of ['forget', 'end-sessions', 'reset-password'])
      await expect(customer(command, '--id', idOf(ann))).resolves.toMatchObject({
        code: 1,
        lines: [`${idOf(ann)}: no such customer`],
      });
    const { lines } = await customer('show', '--id', idOf(ann));
    expect(lines.join('\n')).toMatch(/^\(forgotten\) {2}[^\n]+\nforgotten 20/);
    expect(lines.join('\n')).not.toContain(ann.login);
    const heir = await Customer.register(service.url, ann.login);
    await expect(heir.balance()).resolves.toEqual({ current: 0, withdrawn: 0 });
  });

  it('takes a login for a login, also where it looks like the id of somebody else', async () => {
    const ann = await service.customer();
    const twin = await Customer.register(service.url, idOf(ann));
    await customer('end-sessions', idOf(ann));
    await isOut(twin);
    expect(await ann.statusOf('GET', '/api/user/balance')).toBe(200);
  });

  it.each([
    [['block', 'gopher'], '--reason is missing'],
    [['unblock', 'gopher'], '--reason is missing'],
    [['forget'], 'a login is missing, or --id'],
    [['forget', 'gopher', 'mole'], '"mole" does not go with forget'],
    [['forget', '--id', 'gopher'], '--id must be a UUID, not "gopher"'],
    [
      ['block', 'gopher', '--reason', 'x'.repeat(10_240)],
      '--reason has at most 1000 characters, not 10240',
    ],
    [
      ['block', 'gopher', '--reason', 'red\u001b[31m'],
      '--reason must have no control characters and be one line',
    ],
    [
      ['forget', 'gopher', '--note', 'x'.repeat(1_001)],
      '--note has at most 1000 characters, not 1001',
    ],
  ])('refuses %j', async (args, problem) => {
    const { code, errors } = await customer(...args);
    expect(code).toBe(2);
    expect(errors).toContain(problem);
  });
});
