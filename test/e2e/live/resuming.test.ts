import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { journalOf } from '../../support/database/journal.js';
import type { Customer } from '../../support/http/customer.js';
import { EventReader } from '../../support/http/event-reader.js';
import { claimsOf, forgeToken, readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { send } from '../../support/http/raw-http.js';
import { detailOf, expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

/** Nobody but the test changes an order. */
const settings = { process: { roles: ['portal', 'billing'] as const } };

describe('a stream of events that resumes', () => {
  let service: TestService;
  let replica: TestService;
  let customer: Customer;
  let readers: EventReader[];
  let sessions: Client[];

  beforeAll(async () => {
    service = await startTestService({ settings });
    const { database, accrual } = service;
    replica = await startTestService({ settings, database, accrual });
  });

  afterAll(async () => {
    await replica.stop();
    await service.stop();
  });

  beforeEach(async () => {
    customer = await service.customer();
    [readers, sessions] = [[], []];
  });

  afterEach(async () => {
    for (const reader of readers) reader.close();
    for (const session of sessions) await session.end();
  });

  const read = async (headers = {}, { url } = service): Promise<EventReader> => {
    const reader = await EventReader.open(url, customer.authorization, headers);
    readers.push(reader);
    return reader;
  };

  /** As `EventSource` comes again after its connection has ended. */
  const again = (reader: EventReader, at = service): Promise<EventReader> => {
    reader.close();
    return read({ 'last-event-id': reader.lastId }, at);
  };

  const uploaded = async (): Promise<string> => {
    const number = freshNumber();
    await customer.upload(number);
    return number;
  };

  /** Moves an order, in a transaction that stays open. @returns what commits it. */
  const moving = async (number: string): Promise<() => Promise<unknown>> => {
    const session = new Client({ connectionString: service.database.uri });
    sessions.push(session);
    await session.connect();
    await session.query('BEGIN');
    await session.query(
      `UPDATE gophermart.orders SET status = 'PROCESSING' WHERE num = '${number}'`,
    );
    return () => session.query('COMMIT');
  };

  const moved = async (number: string): Promise<unknown> => (await moving(number))();

  const numbersOf = async (reader: EventReader, count: number): Promise<unknown[]> =>
    (await reader.heard(count)).map(([, data]) => (data as { number: string }).number);

  it('misses nothing that commits behind a higher position, while it is away', async () => {
    const [early, late, next] = [await uploaded(), await uploaded(), await uploaded()];
    const first = await read();
    const commitEarly = await moving(early);
    const commitLate = await moving(late);
    await commitLate();
    expect(await numbersOf(first, 1)).toEqual([late]);
    first.close();
    await commitEarly();
    const second = await again(first);
    expect(await numbersOf(second, 1)).toEqual([early]);
    const third = await again(second, replica);
    await moved(next);
    expect(await numbersOf(third, 1)).toEqual([next]);
    const positions = (await journalOf(service.database))
      .filter(({ type }) => type === 'order_updated')
      .map(({ data }) => data['order'])
      .filter((number) => number === early || number === late);
    expect(positions).toEqual([early, late]);
  });

  it('misses nothing that is open when it comes again, and repeats nothing', async () => {
    const [early, late, next] = [await uploaded(), await uploaded(), await uploaded()];
    const first = await read();
    const commitEarly = await moving(early);
    await moved(late);
    await numbersOf(first, 1);
    const second = await again(first, replica);
    await commitEarly();
    expect(await numbersOf(second, 1)).toEqual([early]);
    const third = await again(second);
    await moved(next);
    expect(await numbersOf(third, 1)).toEqual([next]);
  });

  it('goes on behind any event of several that commit at once', async () => {
    const numbers = [await uploaded(), await uploaded(), await uploaded()];
    const [open, before] = [await uploaded(), await uploaded()];
    const first = await read();
    const commitOpen = await moving(open);
    await moved(before);
    await numbersOf(first, 1);
    await service.database.query('BEGIN');
    for (const number of numbers)
      await service.database.query(
        `UPDATE gophermart.orders SET status = 'PROCESSING' WHERE num = '${number}'`,
      );
    await service.database.query('COMMIT');
    await commitOpen();
    await first.heard(5);
    first.close();
    const heard = first.events.map(({ data }) => (data as { number: string }).number);
    for (const [place, { id }] of first.events.entries()) {
      const reader = await read({ 'last-event-id': id });
      const rest = heard.slice(place + 1);
      expect((await numbersOf(reader, rest.length)).sort()).toEqual(rest.sort());
    }
  });

  it('begins where it was opened, before it has heard of anything', async () => {
    const number = await uploaded();
    const first = await read();
    first.close();
    await moved(number);
    const second = await read({ after: first.lastId }, replica);
    expect(await numbersOf(second, 1)).toEqual([number]);
  });

  it('catches up with more than a page', async () => {
    const first = await read();
    first.close();
    const { sub } = readClaims(customer.authorization);
    const data = {
      ...{ transaction: 't', kind: 'ADJUSTMENT', amount: '#.00', balance: '0.00' },
      ...{ withdrawn: '0.00', reason: '"why" \u2028' },
    };
    await service.database.query(
      `INSERT INTO gophermart.events (type, subject, at, data)
       SELECT 'transaction_processed', $1, now(), replace($2, '#', n::text)
       FROM generate_series(1, 1100) n`,
      [sub, JSON.stringify(data)],
    );
    const second = await again(first);
    const amounts = (await second.heard(1_100)).map(
      ([, data]) => (data as { entry: { amount: number; reason: string } }).entry,
    );
    expect(amounts.map(({ amount }) => amount)).toEqual(Array.from(amounts, (_, i) => i + 1));
    expect(amounts[0]).toMatchObject({ kind: 'ADJUSTMENT', reason: '"why" \u2028' });
    expect(amounts[0]).not.toHaveProperty('order');
  });

  describe('from an id that is not one of its own', () => {
    let wrong: Record<string, string>;

    beforeEach(async () => {
      const mine = await read();
      const stranger = await service.customer();
      const others = await EventReader.open(service.url, stranger.authorization);
      readers.push(others);
      const changed = `${mine.lastId.slice(0, -2)}${mine.lastId.endsWith('AA') ? 'BB' : 'AA'}`;
      wrong = { nonsense: 'nonsense', another: others.lastId, changed, position: '4711' };
    });

    it('is refused by ?after=, by the name of the parameter', async () => {
      const { authorization } = customer;
      for (const id of [...Object.values(wrong), '', `${wrong['another']}&after=x`]) {
        const reply = await send(service.url, `GET /api/user/events?after=${id}`, {
          headers: { authorization },
        });
        expectRefusal(reply, REFUSALS.badRequest, 'ru', id);
        expect(detailOf(reply)).toContain('after');
      }
    });

    it('has a gap after Last-Event-ID, and then the present', async () => {
      for (const id of Object.values(wrong)) {
        const number = await uploaded();
        const reader = await read({ 'last-event-id': id });
        await moved(number);
        expect(await reader.heard(2)).toEqual([
          ['gap', {}],
          ['order_updated', expect.objectContaining({ number })],
        ]);
        const next = await uploaded();
        const second = await again(reader);
        await moved(next);
        expect(await numbersOf(second, 1)).toEqual([next]);
      }
    });

    it('is the header’s affair, where there is one', async () => {
      const reader = await read({ 'last-event-id': (await read()).lastId, after: 'nonsense' });
      expect(reader.status).toBe(200);
    });
  });

  it('knows no id of the future: of a database that has forgotten', async () => {
    const other = await startTestService({ settings });
    try {
      const { sub } = readClaims(customer.authorization);
      await other.database.query(
        `INSERT INTO gophermart.users (id, login, password_hash, registered_at)
         VALUES ($1, 'same', 'x', now())`,
        [sub],
      );
      // It has less behind it than the one that gave the id.
      await uploaded();
      await uploaded();
      const { lastId } = await read();
      const authorization = `Bearer ${forgeToken(claimsOf(sub))}`;
      const refused = await send(other.url, `GET /api/user/events?after=${lastId}`, {
        headers: { authorization },
      });
      expect(refused.status).toBe(400);
      const reader = await EventReader.open(other.url, authorization, { 'last-event-id': lastId });
      readers.push(reader);
      expect(await reader.heard(1)).toEqual([['gap', {}]]);
    } finally {
      await other.stop();
    }
  });
});
