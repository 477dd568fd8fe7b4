import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { PlayedJournal, PlayedLiveJournal } from '../../../test/support/fakes/played-journal.js';
import { bytesOfPlace, type Cursor, placeOf } from '../../journal/index.js';
import { LiveFeed } from './live-feed.js';
import { LiveStream } from './live-stream.js';
import { EventReceiver, type LiveJournal, LiveMetrics, type PlacedEvent } from './ports.js';

Logger.overrideLogger(false);

/** A client that keeps the last id. */
class Client extends EventReceiver {
  readonly got: bigint[] = [];
  gaps = 0;
  isClosed = false;
  isTooSlow = false;
  /** What it is sent it takes when the turn is over. */
  takesLater = false;
  ends = 0;
  #place: Uint8Array | undefined;
  stream: LiveStream | undefined;

  constructor(private readonly tooSlowAfter = Infinity) {
    super();
  }

  send({ event, place }: PlacedEvent): void {
    this.got.push(event.position);
    this.isTooSlow = this.got.length > this.tooSlowAfter;
    if (this.takesLater) queueMicrotask(() => (this.isTooSlow = false));
    this.remember(place);
  }

  remember(place: Cursor): void {
    this.#place = bytesOfPlace(place);
  }

  gap(place: Cursor): void {
    this.gaps++;
    this.remember(place);
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  end(): void {
    this.ends++;
    this.leave();
  }

  cut(): void {
    this.end();
  }

  async come(feed: LiveFeed, journal: LiveJournal, metrics = new NoMetrics()): Promise<void> {
    this.isClosed = false;
    const stream = new LiveStream('ann', journal, metrics, () => feed.leave('ann', stream));
    this.stream = stream;
    await stream.join(feed, this.#place && placeOf(this.#place));
    await stream.sendTo(this);
  }

  leave(): void {
    this.isClosed = true;
    this.stream?.close();
    this.stream = undefined;
  }
}

class NoMetrics extends LiveMetrics {
  cuts = 0;
  opened(): void {
    return undefined;
  }
  closed(): void {
    return undefined;
  }
  cut(): void {
    this.cuts++;
  }
}

/** Two replicas' feeds of one database. */
function played(): { database: PlayedJournal; journal: PlayedLiveJournal; feeds: LiveFeed[] } {
  const database = new PlayedJournal();
  const journal = new PlayedLiveJournal(database);
  return { database, journal, feeds: [new LiveFeed(journal), new LiveFeed(journal)] };
}

const write = (database: PlayedJournal, count = 1): bigint[] => {
  const xid = database.begin();
  const positions = Array.from({ length: count }, () => database.write(xid));
  database.commit(xid);
  return positions;
};

const isAnns = (position: bigint): boolean => position % 2n === 1n;

describe(LiveFeed, () => {
  const clients: Client[] = [];

  afterEach(() => {
    for (const client of clients.splice(0)) client.leave();
  });

  const newClient = (tooSlowAfter?: number): Client => {
    const client = new Client(tooSlowAfter);
    clients.push(client);
    return client;
  };

  it('tells each of its events once, however they overlap and wherever it comes', async () => {
    const steps = fc.array(
      fc.record({
        what: fc.constantFrom('begin', 'write', 'commit', 'roll back', 'come', 'leave'),
        which: fc.nat(9),
      }),
      { minLength: 5, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const { database, journal, feeds } = played();
        const client = newClient();
        await client.come(feeds[0] as LiveFeed, journal);
        const before = new Set(database.rows.map(({ position }) => position));
        for (const { what, which } of taken) {
          const open = database.open[which % Math.max(1, database.open.length)];
          if (what === 'begin') database.begin();
          else if (what === 'write' && open !== undefined) database.write(open);
          else if (what === 'commit' && open !== undefined) database.commit(open);
          else if (what === 'roll back' && open !== undefined) database.rollBack(open);
          else if (what === 'leave') client.leave();
          else if (what === 'come' && !client.stream)
            await client.come(feeds[which % 2] as LiveFeed, journal);
        }
        for (const xid of database.open) database.commit(xid);
        client.leave();
        await client.come(feeds[1] as LiveFeed, journal);
        client.leave();
        const expected = database.rows
          .map(({ position }) => position)
          .filter((position) => isAnns(position) && !before.has(position));
        expect([...client.got].sort((a, b) => Number(a - b))).toEqual(
          expected.sort((a, b) => Number(a - b)),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('reads on behind what it has told, after a failure', async () => {
    const { database, journal, feeds } = played();
    const client = newClient();
    await client.come(feeds[0] as LiveFeed, journal);
    // After the first page.
    journal.failsAt = 3;
    const positions = write(database, 20);
    // Whoever joins waits for a look at the journal.
    await expect(newClient().come(feeds[0] as LiveFeed, journal)).rejects.toThrow('played');
    expect(client.got).not.toEqual([]);
    await newClient().come(feeds[0] as LiveFeed, journal);
    expect(client.got).toEqual(positions.filter(isAnns));
  });

  it('searches a long journal in slices for what a long transaction has written', async () => {
    const { database, journal, feeds } = played();
    const long = database.begin();
    const early = database.write(long);
    database.usePositions(2_500_000n);
    write(database, 4);
    const client = newClient();
    await client.come(feeds[0] as LiveFeed, journal);
    database.commit(long);
    await newClient().come(feeds[0] as LiveFeed, journal);
    expect(client.got).toEqual([early]);
    expect(journal.searched).toEqual([1_000_000n, 1_000_000n, 500_005n]);
  });

  it.each([
    [4, 0],
    [5, 1],
  ])('goes on after %d failures to read, with %d gaps', async (failures, gaps) => {
    jest.useFakeTimers();
    try {
      const { database, journal, feeds } = played();
      const client = newClient();
      await client.come(feeds[0] as LiveFeed, journal);
      const before = write(database, 2).filter(isAnns);
      journal.failingReads = failures;
      await jest.advanceTimersByTimeAsync(10_000);
      const after = write(database, 2).filter(isAnns);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(client.gaps).toBe(gaps);
      expect(client.got).toEqual(gaps === 0 ? [...before, ...after] : after);
    } finally {
      jest.useRealTimers();
    }
  });

  it('tells of no gap after an outage, however long', async () => {
    jest.useFakeTimers();
    try {
      const { database, journal, feeds } = played();
      const client = newClient();
      await client.come(feeds[0] as LiveFeed, journal);
      const positions = write(database, 20).filter(isAnns);
      journal.failingReads = 1;
      await jest.advanceTimersByTimeAsync(100);
      expect(journal.failingReads).toBe(0);
      journal.isAway = true;
      await jest.advanceTimersByTimeAsync(60_000);
      journal.isAway = false;
      await jest.advanceTimersByTimeAsync(10_000);
      expect([client.gaps, client.got]).toEqual([0, positions]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('tells of a gap when the database has forgotten', async () => {
    const { database, journal, feeds } = played();
    const client = newClient();
    write(database, 10);
    await client.come(feeds[0] as LiveFeed, journal);
    database.rows.splice(5);
    await newClient().come(feeds[0] as LiveFeed, journal);
    expect([client.gaps, client.got]).toEqual([1, []]);
  });

  it.each([true, false])('cuts off who takes nothing between two pages: %s', async (isSlow) => {
    const { database, journal, feeds } = played();
    const client = newClient(0);
    client.takesLater = !isSlow;
    const metrics = new NoMetrics();
    await client.come(feeds[0] as LiveFeed, journal, metrics);
    const all = write(database, 20).filter(isAnns);
    await newClient().come(feeds[0] as LiveFeed, journal);
    expect([client.ends, metrics.cuts, client.got]).toEqual(
      isSlow ? [1, 1, all.slice(0, 2)] : [0, 0, all],
    );
  });
});
