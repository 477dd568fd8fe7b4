import { afterEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type RunningSimulator } from '../../src/simulator/index.js';
import { eventually } from '../support/eventually.js';
import { startTestService, type TestService } from '../support/http/test-service.js';
import { Reader } from './reader.js';

const WIDTHS = [
  ['wide', 1280],
  ['phone', 390],
] as const;

describe('a reader who clicks', () => {
  let reader: Reader | undefined;
  let simulator: RunningSimulator | undefined;
  let service: TestService | undefined;

  afterEach(async () => {
    await reader?.stop();
    await service?.stop();
    await simulator?.close();
  });

  async function start(
    width: number,
    http = {},
    scheme: 'light' | 'dark' = 'light',
  ): Promise<[Reader, TestService]> {
    simulator = await startSimulator({
      host: '127.0.0.1',
      port: 0,
      calculationMs: 30,
      rewardUnknown: true,
    });
    service = await startTestService({
      sandbox: simulator,
      settings: { http, cashback: { accrualAddress: simulator.url, tickMs: 20 } },
    });
    reader = await Reader.start(width, scheme);
    return [reader, service];
  }

  it.each(WIDTHS)('walks the story, %s, and no request leaves the machine', async (name, width) => {
    const [reader, { url }] = await start(width);
    await reader.open(url);
    expect(await reader.overhang()).toBe(0);
    await reader.picture(`home-${name}`);
    await reader.click('nav a:first-child');
    await reader.page.waitForSelector('.opblock');
    expect(reader.page.url()).toBe(`${url}/docs`);
    await reader.picture(`docs-${name}`);

    const statusOf = async (call: string): Promise<number> => (await reader.execute(call)).status;
    expect(await statusOf('register-register')).toBe(200);
    const issued = await reader.execute('upload-issueOrderNumber');
    const [number = ''] = /\d{5,}/.exec(issued.text) ?? [];
    expect(await statusOf('upload-uploadOrder')).toBe(202);
    expect(await reader.bodyOf('upload-uploadOrder')).toBe(number);
    await eventually('the order is processed', async () =>
      (await reader.execute('watch-listOrders')).text.includes('"PROCESSED"'),
    );
    const order = await reader.execute('watch-getOrder');
    expect([order.status, order.text]).toEqual([200, expect.stringContaining(number)]);
    const balance = await reader.execute('watch-getBalance');
    const [, current] = /"current": ([\d.]+)/.exec(balance.text) ?? [];
    expect([balance.status, Number(current) > 0]).toEqual([200, true]);
    await reader.picture(`balance-${name}`, '#operations-watch-getBalance .responses-inner');
    expect(await statusOf('watch-listLedgerEntries')).toBe(200);
    expect(await statusOf('spend-withdrawPoints')).toBe(200);
    expect(await statusOf('spend-listWithdrawals')).toBe(200);

    // Again, as it stands: the same is no mistake, and whoever registers is new.
    expect(await statusOf('upload-uploadOrder')).toBe(200);
    expect(await statusOf('spend-withdrawPoints')).toBe(200);
    expect(await statusOf('register-register')).toBe(200);
    expect(await statusOf('upload-uploadOrder')).toBe(202);
    const events = await reader.execute('watch-streamEvents');
    expect([events.status, events.text]).toEqual([200, expect.stringContaining('retry:')]);
    expect(await statusOf('sessions-changePassword')).toBe(200);
    expect(await statusOf('register-logIn')).toBe(200);
    expect(await statusOf('sessions-logOut')).toBe(204);
    await reader.page.waitForSelector('.auth-wrapper .authorize.unlocked');
    expect(await reader.overhang()).toBe(0);
    expect([reader.strayed, reader.complaints]).toEqual([[], []]);
  });

  it('pastes a token into the one box, whatever stands before it', async () => {
    const [reader, service] = await start(1280);
    const customer = await service.customerWith('5');
    // The simulator gave what it liked.
    const { current } = await customer.balance();
    const { authorization } = customer;
    await reader.open(`${service.url}/docs`);
    for (const pasted of [authorization, authorization.replace('Bearer ', '')]) {
      await reader.click('.auth-wrapper .authorize');
      const boxes = await reader.page.$$('.auth-container input');
      expect(boxes).toHaveLength(1);
      await boxes[0]?.type(pasted);
      await reader.click('.auth-container .authorize');
      await reader.click('.auth-container .btn-done');
      const balance = await reader.execute('watch-getBalance');
      expect([balance.status, balance.text]).toEqual([
        200,
        expect.stringContaining(`"current": ${current}`),
      ]);
      await reader.click('.auth-wrapper .authorize');
      await reader.click('.auth-container button.auth:not(.btn-done)');
      await reader.click('.auth-container .btn-done');
    }
    expect((await reader.execute('watch-getBalance')).status).toBe(401);
  });

  it('is signed in where the documents have an address of their own, too', async () => {
    const [reader, { listeners }] = await start(1280, {
      docsAddress: { host: '127.0.0.1', port: 0 },
    });
    await reader.open(`${listeners.localUrlOf('docs')}/docs`);
    expect((await reader.execute('register-register')).status).toBe(200);
    expect((await reader.execute('watch-getBalance')).status).toBe(200);
    expect([reader.strayed, reader.complaints]).toEqual([[], []]);
  });

  it('sees each error of a call once, by its name', async () => {
    const [reader, { url }] = await start(390);
    await reader.open(`${url}/docs`);
    await reader.click('#operations-register-register .opblock-summary-control');
    await reader.page.waitForSelector('.error-cases');
    const responses = await reader.read('#operations-register-register .responses-table');
    const lines = responses.replace(/\s+/g, ' ');
    expect(lines).toContain('409 ErrUserBusy login is already taken');
    expect(lines.match(/ErrUserBusy/g)).toHaveLength(1);
  });

  it('can read all of a reply on a phone at night', async () => {
    const [reader, { url }] = await start(390, {}, 'dark');
    await reader.open(url);
    expect(await reader.illegible()).toEqual([]);
    await reader.open(`${url}/docs`);
    await reader.page.waitForSelector('html.dark-mode');
    expect((await reader.execute('register-register')).status).toBe(200);
    expect((await reader.execute('spend-withdrawPoints')).status).toBe(402);
    expect(await reader.illegible()).toEqual([]);
    expect(await reader.covered('spend-withdrawPoints')).toEqual([]);
    expect(await reader.overhang()).toBe(0);
  });
});
