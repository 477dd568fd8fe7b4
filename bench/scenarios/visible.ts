import { reconcile } from '../books/checks.js';
import { evenly, signIn } from '../books/users.js';
import { partiesOf, reportFailures } from '../contest/contenders.js';
import { contest, coreLength } from '../contest/contest.js';
import { runVisible } from '../load/visible.js';
import { type Round, roundOf, withCpu } from '../measure/round.js';
import { atMost, figure } from '../report/figure.js';
import { STANDARD } from '../stage/stage.js';
import type { Scenario } from './scenario.js';

export const VISIBLE: Scenario = {
  name: 'visible',
  meaning: 'from an upload to the points in the balance, service idle',
  async run(stage) {
    const database = await stage.books();
    const service = await stage.service(database);
    const users = signIn(evenly(STANDARD.users, STANDARD.users), stage.folder, 'visible');
    const { visible } = await contest(
      stage,
      {
        async visible(seconds: number) {
          const order = {
            url: service.url,
            call: 'upload',
            users: users.file,
            prefix: stage.prefixes.next(),
            connections: 1,
            seconds,
          } as const;
          const { result, cpu } = await withCpu(partiesOf(stage, [service]), () =>
            runVisible(order, stage.stopping),
          );
          reportFailures(stage, 'upload and look', result.visible.failures);
          return { ...roundOf(result.visible, cpu), upload: roundOf(result.uploads, cpu) };
        },
      },
      coreLength(stage),
    );
    await stage.stopServices();
    stage.report(...(await reconcile(stage.database.uri(database), stage.stopping)));
    const toUpload = (percentile: (round: Round) => number): number[] =>
      visible.map((round) => percentile(round) / round.upload.p50Ms);
    return {
      rows: [
        {
          what: 'POST orders, one at a time',
          rounds: visible.map(({ upload }) => upload),
          latencyOnly: true,
        },
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
