import { STANDARD } from '../books/fill.js';
import { Backlog } from '../crediting.js';
import { runGenerators } from '../load/measured.js';
import { atLeast, atMost, figure, perSecond, tail } from '../report/figures.js';
import { inTurns, measured, type Round, roundOf, underLoad } from '../rounds.js';
import type { Scenario } from './scenario.js';

export const CASHBACK: Scenario = {
  name: 'cashback',
  meaning: 'orders credited per second from a backlog, the accrual system answering at once',
  async run(bench) {
    const database = await bench.books();
    const backlog = new Backlog(bench, database, STANDARD.users);
    // Each round fills a backlog, and has a service that warms up.
    const { rounds } = bench.options.side;
    const length = { ...bench.options.core, rounds, warmUpSeconds: 0 };
    const { credited } = await inTurns(bench, { credited: backlog.credited() }, length);
    await backlog.drain();
    await bench.finish(database);
    const what = 'orders credited, nothing else to do';
    return {
      rows: [{ what, rounds: credited }],
      figures: [figure(what, perSecond(credited), atLeast(5_000), '/s')],
    };
  },
};

export const CASHBACK_UNDER_LOAD: Scenario = {
  name: 'cashback-under-load',
  meaning: 'orders credited per second while uploads run at full speed',
  async run(bench) {
    const { database, service, users } = await bench.start();
    const backlog = new Backlog(bench, database, STANDARD.users);
    const upload = underLoad(bench, { services: [service], call: 'upload', users });
    const { uploads } = await inTurns(
      bench,
      {
        async uploads(seconds: number) {
          const round = await upload(seconds);
          const now = Date.now();
          const credits = await backlog.creditsBetween(now - seconds * 1_000, now);
          return { ...round, credited: credits / seconds };
        },
      },
      bench.options.side,
    );
    await backlog.drain();
    await bench.finish(database);
    const credited = uploads.map((round) => round.credited);
    return {
      rows: [{ what: 'POST orders, worker on', rounds: uploads }],
      figures: [
        figure('orders credited while uploads run', credited, atLeast(2_000), '/s'),
        figure('uploads meanwhile', perSecond(uploads), undefined, '/s'),
        tail('POST orders, worker on', uploads),
      ],
    };
  },
};

export const VISIBLE: Scenario = {
  name: 'visible',
  meaning: 'from an upload to the points in the balance, service idle',
  async run(bench) {
    const { database, service, users } = await bench.start();
    const { visible } = await inTurns(
      bench,
      {
        async visible(seconds: number) {
          const order = {
            url: service.url,
            users: users.file,
            prefix: bench.prefixes.next(),
            seconds,
          };
          const { result, round } = await measured(bench, [service], 'visible', async () => {
            const [[seen, uploads] = []] = await runGenerators(
              'load/visible-main.ts',
              [order],
              bench.stopping,
            );
            if (!seen || !uploads) throw new Error('the generator has measured nothing');
            return { ...seen, uploads };
          });
          return { ...round, upload: roundOf(result.uploads, round.cpu, round.megabytes) };
        },
      },
      bench.options.core,
    );
    await bench.finish(database);
    const toUpload = (percentile: (round: Round) => number): number[] =>
      visible.map((round) => percentile(round) / round.upload.p50Ms);
    const uploads = visible.map(({ upload }) => upload);
    return {
      rows: [
        { what: 'POST orders, one at a time', rounds: uploads, latencyOnly: true },
        { what: 'upload to visible balance', rounds: visible, latencyOnly: true },
      ],
      figures: [
        figure(
          'upload to visible balance, p50 / p50 of an idle upload',
          toUpload(({ p50Ms }) => p50Ms),
          atMost(4),
        ),
        figure(
          'upload to visible balance, p99 / p50 of an idle upload',
          toUpload(({ p99Ms }) => p99Ms),
          atMost(15),
        ),
      ],
    };
  },
};
