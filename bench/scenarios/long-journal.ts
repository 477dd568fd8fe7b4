import { WORKER_OFF } from '../bench.js';
import { RowCount } from '../books/checks.js';
import { STANDARD } from '../books/fill.js';
import { Backlog } from '../crediting.js';
import { atLeast, type Figure, figure, number, rate } from '../report/figures.js';
import { inTurns, type Measure, underLoad } from '../rounds.js';
import type { Row, Scenario } from './scenario.js';

/** Every figure stays within 1.2 times. */
const GOAL = atLeast(1 / 1.2);

/** Of nobody: the books are not reconciled afterwards. */
const FILL = `
  INSERT INTO gophermart.events (type, subject, revision, at, data)
  SELECT 'order_created', gen_random_uuid(), 1, now(),
    '{"order":"' || n || '","status":"NEW","uploaded_at":"2026-01-01T00:00:00.000Z"}'
  FROM generate_series(1, $1::integer) n`;

/** The same books twice, once with a journal that is so much longer. */
export const LONG_JOURNAL: Scenario = {
  name: 'long-journal',
  meaning: 'the same calls with the journal of the books, and with a very long one',
  async run(bench) {
    const { events, side } = bench.options;
    const [short, long] = [await bench.books(), await bench.books()];
    bench.say(`adding ${number(events)} events`);
    await bench.server.session(long, async (query) => {
      await query(FILL, [events]);
      await query('VACUUM ANALYZE gophermart.events');
    });
    const users = bench.everybody();
    const rows: Row[] = [];
    const figures: Figure[] = [];
    const compare = async (
      what: string,
      of: (database: string) => Promise<Measure>,
      warmUpSeconds = side.warmUpSeconds,
    ): Promise<void> => {
      const measures = { short: await of(short), long: await of(long) };
      const seen = await inTurns(bench, measures, { ...side, warmUpSeconds });
      const ratios = rate(seen.long, seen.short);
      rows.push({ what: `${what}, short journal`, rounds: seen.short });
      rows.push({ what: `${what}, ${number(events)} events more`, rounds: seen.long, ratios });
      figures.push(figure(`${what}: with a long journal / with a short one`, ratios, GOAL));
    };
    const load =
      (call: 'upload' | 'withdraw', counted: 'orders' | 'withdrawals') =>
      async (database: string): Promise<Measure> => {
        const services = [await bench.service(database, WORKER_OFF)];
        const count = await RowCount.of(bench.server, database, counted);
        return underLoad(bench, { services, call, users, count });
      };
    await compare('POST orders', load('upload', 'orders'));
    await compare('POST withdraw', load('withdraw', 'withdrawals'));
    await bench.stop();
    await compare(
      'crediting',
      (database) => Promise.resolve(new Backlog(bench, database, STANDARD.users).credited()),
      0,
    );
    await bench.stop();
    return { rows, figures };
  },
};
