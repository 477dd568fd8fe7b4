import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { journalOf } from '../../support/database/journal.js';
import { eventually } from '../../support/eventually.js';
import type { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import {
  startTestService,
  type TestService,
  type TestServiceOptions,
} from '../../support/http/test-service.js';
import { WebhookReceiver } from '../../support/http/webhook-receiver.js';
import { operate, type OperatorRun } from '../../support/processes/operator-run.js';
import { ServiceProcess } from '../../support/processes/service-process.js';

const userOf = ({ authorization }: Customer): string => readClaims(authorization).sub;

describe('webhooks', () => {
  let receiver: WebhookReceiver;
  let database: TestDatabase;
  const running: TestService[] = [];

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    database = await createTestDatabase();
  });

  afterEach(async () => {
    for (const service of running.splice(0)) await service.stop();
    await receiver.stop();
    await database.drop();
  });

  async function start(settings: TestServiceOptions['settings'] = {}): Promise<TestService> {
    const webhooks = { url: receiver.url, secret: WebhookReceiver.SECRET };
    const service = await startTestService({ database, settings: { webhooks, ...settings } });
    running.push(service);
    if (settings.process?.roles?.includes('relay') !== false) await subscribed();
    return service;
  }

  /** Events from now on are posted. */
  const subscribed = (): Promise<void> =>
    eventually('subscribed', async () => (await rows('subscriptions')).length > 0);

  const journal = (...args: string[]): Promise<OperatorRun> =>
    operate('journal', [...args, '-d', database.uri]);

  const idsOf = async (subject?: string): Promise<string[]> =>
    (await journalOf(database, subject)).map(({ position }) => position);

  /**
   * Uploads, one after another, and the steps of each order: these waited for each other, so they
   * come in the order of their positions. Steps of different orders may be committed side by side.
   */
  async function expectInOrder(customer: Customer): Promise<void> {
    const subject = userOf(customer);
    const taken = [...new Set(receiver.idsOf(subject))];
    const events = (await journalOf(database, subject)).slice(-taken.length);
    const positions = events.map(({ position }) => position);
    expect(new Set(taken)).toEqual(new Set(positions));
    const ofOrder = (order: unknown) => events.filter(({ data }) => data['order'] === order);
    const created = events.filter(({ type }) => type === 'order_created');
    for (const chain of [created, ...created.map(({ data }) => ofOrder(data['order']))]) {
      const due = chain.map(({ position }) => position);
      expect(taken.filter((id) => due.includes(id))).toEqual(due);
    }
  }

  const everythingIsTaken = (): Promise<void> =>
    eventually('everything is taken', async () => {
      const [taken, all] = [new Set(receiver.idsOf()), await idsOf()];
      return all.every((id) => taken.has(id));
    });

  /** What it shows of the subscription. */
  async function stats(): Promise<Readonly<Record<string, unknown>>> {
    const { lines } = await journal('stats', '--json');
    const { subscriptions } = JSON.parse(lines.join('')) as {
      subscriptions: readonly Readonly<Record<string, unknown>>[];
    };
    return subscriptions.find(({ name }) => name === 'webhooks') ?? {};
  }

  const metric = async ({ url }: TestService, name: string): Promise<string | undefined> =>
    (await (await fetch(`${url}/metrics`)).text())
      .split('\n')
      .find((line) => line.startsWith(`${name}{subscription="webhooks"}`))
      ?.split(' ')[1];

  it('bring every event once, those of a user in order, from the first start on', async () => {
    const before = await startTestService({ database });
    const early = await before.customer();
    await before.stop();
    const service = await start({ cashback: { tickMs: 20 } });
    const [one, other] = [await service.customerWith('100'), await service.customerWith('50')];
    await one.withdraw(freshNumber(), '30');
    await eventually('taken', () => receiver.idsOf(userOf(one)).length === 7);
    await eventually('taken', () => receiver.idsOf(userOf(other)).length === 6);
    for (const customer of [one, other])
      expect(receiver.idsOf(userOf(customer))).toEqual(await idsOf(userOf(customer)));
    expect(receiver.idsOf(userOf(early))).toEqual([]);
    await journal('replay', 'webhooks');
    await eventually('taken', () => receiver.idsOf(userOf(early)).length === 1);
  });

  it('are for a relay alone, and other roles leave them to it', async () => {
    const service = await start({ process: { roles: ['portal', 'billing'] } });
    const relay = await start({ process: { roles: ['relay'] } });
    await service.customer();
    await everythingIsTaken();
    const delivered = 'journal_events_delivered_total';
    await eventually('counted', async () => (await metric(relay, delivered)) === '1');
    expect(await metric(service, delivered)).toBeUndefined();
  });

  it('stop with 410 until they are resumed, whoever starts meanwhile', async () => {
    const service = await start();
    await service.customer();
    await everythingIsTaken();
    receiver.answer = () => 410;
    await service.customer();
    await eventually('stopped', async () => (await stats())['stopped'] !== null);
    const posts = receiver.posts.length;
    receiver.answer = () => 204;
    await running.pop()?.stop();
    const next = await start();
    await next.customer();
    const { lines } = await journal('stats');
    expect(lines.at(-1)).toMatch(
      /^webhooks: about 2 .* due, .*; stopped \d+ m?s ago, the receiver has answered 410 Gone \(journal resume webhooks\)$/,
    );
    expect(await metric(next, 'journal_stopped')).toBe('1');
    await expect(journal('replay', 'webhooks', '--from', '99999')).resolves.toMatchObject({
      lines: [expect.stringMatching(/^webhooks goes on with event \d+ when it is resumed$/)],
    });
    expect(receiver.posts).toHaveLength(posts);

    await expect(journal('resume', 'webhooks', '--by', 'ann')).resolves.toMatchObject({
      code: 0,
      lines: [expect.stringMatching(/^webhooks resumed after .*; about \d+ events are due, for /)],
    });
    await everythingIsTaken();
    await expect(journal('resume', 'webhooks')).resolves.toMatchObject({
      code: 0,
      lines: ['webhooks was not stopped'],
    });
    await expect(journal('resume', 'broker', '--json')).resolves.toMatchObject({
      code: 1,
      lines: ['{"name":"broker","isKnown":false,"stoppedSeconds":null}'],
    });
    expect(await metric(next, 'journal_stopped')).toBe('0');
    const actions = (await journalOf(database)).filter(({ type }) => type === 'operator_action');
    expect(actions.map(({ data }) => data)).toContainEqual({
      action: 'journal resume webhooks',
      by: 'ann',
    });
  });

  it('hold up nobody else, where an event is refused, and come when it is put back', async () => {
    const service = await start();
    const bad = await service.customer();
    let good = await service.customer();
    // Of another lane.
    while (userOf(good).at(-1) === userOf(bad).at(-1)) good = await service.customer();
    await everythingIsTaken();
    receiver.answer = ({ subject }) => (subject === userOf(bad) ? 500 : 204);
    await bad.upload(freshNumber());
    await good.upload(freshNumber());
    await eventually('taken', () => receiver.idsOf(userOf(good)).length >= 2);
    await eventually('set aside', async () => (await rows('waiting_events')).length > 0);
    expect(await stats()).toMatchObject({ parked: 0, stopped: null });
    // As after ten failures, which take minutes.
    await database.query(
      `WITH moved AS (
         DELETE FROM gophermart.waiting_events RETURNING subscription, position
       )
       INSERT INTO gophermart.parked_events (subscription, position, reason)
       SELECT subscription, position, 'status 500' FROM moved`,
    );
    await running.pop()?.stop();
    receiver.answer = () => 204;
    const next = await start();
    await next.customer();
    const missing = receiver.idsOf(userOf(bad)).length;
    expect((await stats())['parked']).toBeGreaterThan(0);
    await journal('dead', 'retry', '--all');
    await eventually('put back', () => receiver.idsOf(userOf(bad)).length > missing);
    await everythingIsTaken();
    await eventually('none is left', async () => (await rows('parked_events')).length === 0);
    expect(await rows('waiting_events')).toEqual([]);
  });

  it('wait for a receiver that is away, and hold up nothing meanwhile', async () => {
    const service = await start();
    const customer = await service.customer();
    await everythingIsTaken();
    await receiver.stop();
    const numbers = Array.from({ length: 20 }, () => freshNumber());
    for (const number of numbers) await customer.upload(number);
    await eventually('late', async () => ((await stats())['lagSeconds'] as number) > 1);
    await receiver.restart();
    await everythingIsTaken();
    await expectInOrder(customer);
    expect((await stats())['parked']).toBe(0);
  });

  it('go on in another process when one is killed, in order', async () => {
    const service = await start({ process: { roles: ['portal', 'billing'] } });
    const customer = await service.customer();
    const folder = mkdtempSync(join(tmpdir(), 'gophermart-webhooks-'));
    const relay = await ServiceProcess.start({
      databaseUri: database.uri,
      accrualAddress: '',
      logFile: join(folder, 'log'),
      settings: {
        ROLES: 'relay',
        WEBHOOK_URL: receiver.url,
        WEBHOOK_SECRET: WebhookReceiver.SECRET,
      },
    });
    try {
      await subscribed();
      for (let i = 0; i < 3; i++) await customer.upload(freshNumber());
      await eventually('taken', () => receiver.taken.length === 3);
      receiver.answer = () => undefined;
      for (let i = 0; i < 3; i++) await customer.upload(freshNumber());
      await eventually('posted', () => receiver.posts.length > 3);
      await relay.end('SIGKILL');
    } finally {
      await relay.end('SIGKILL');
      rmSync(folder, { recursive: true });
    }
    receiver.answer = () => 204;
    await start({ process: { roles: ['relay'] } });
    // All but the first event, which is older than the subscription.
    await eventually(
      'taken',
      async () => new Set(receiver.idsOf()).size === (await idsOf()).length - 1,
    );
    await expectInOrder(customer);
  });

  const rows = (table: string): Promise<unknown[]> =>
    database.query(`SELECT * FROM gophermart.${table}`);
});
