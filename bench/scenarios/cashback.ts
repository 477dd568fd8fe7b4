import { countRows, reconcile } from '../books/checks.js';
import { evenly, signIn } from '../books/users.js';
import { underLoad } from '../contest/contenders.js';
import { contest, coreLength, sideLength } from '../contest/contest.js';
import { Crediting } from '../contest/crediting.js';
import { atLeast, figure } from '../report/figure.js';
import { type Stage, STANDARD } from '../stage/stage.js';
import { perSecond, type Scenario, tail } from './scenario.js';

export const CASHBACK: Scenario = {
  name: 'cashback',
  meaning: 'orders credited per second from a backlog, the accrual system answering at once',
  async run(stage) {
    const database = await stage.books();
    const crediting = new Crediting(stage, database, STANDARD.users);
    await crediting.hold();
    const service = await stage.service(database);
    // Each of its turns costs the filling of a backlog besides.
    const length = { ...coreLength(stage), rounds: stage.options.sideRounds };
    const { service: rounds } = await contest(
      stage,
      { service: crediting.contender([service]) },
      length,
    );
    await finish(stage, database, crediting);
    const what = 'orders credited, nothing else to do';
    return {
      rows: [{ what, rounds }],
      figures: [figure(what, perSecond(rounds), atLeast(5_000), '/s')],
    };
  },
};

export const CASHBACK_UNDER_LOAD: Scenario = {
  name: 'cashback-under-load',
  meaning: 'orders credited per second while uploads run at full speed',
  async run(stage) {
    const database = await stage.books();
    const crediting = new Crediting(stage, database, STANDARD.users);
    const service = await stage.service(database);
    const users = signIn(evenly(STANDARD.users, STANDARD.users), stage.folder, 'cashback');
    const upload = underLoad(stage, { services: [service], call: 'upload', users });
    const { uploads } = await contest(
      stage,
      {
        async uploads(seconds: number) {
          const round = await upload(seconds);
          const now = Date.now();
          return {
            ...round,
            credited: (await crediting.credited(now - seconds * 1_000, now)) / seconds,
          };
        },
      },
      sideLength(stage),
    );
    await finish(stage, database, crediting);
    return {
      rows: [{ what: 'POST orders, worker on', rounds: uploads }],
      figures: [
        figure(
          'orders credited while uploads run',
          uploads.map(({ credited }) => credited),
          atLeast(2_000),
          '/s',
        ),
        figure('uploads meanwhile', perSecond(uploads), undefined, '/s'),
        tail('POST orders, worker on', uploads),
      ],
    };
  },
};

/** Whatever was uploaded is credited in the end, once. */
async function finish(stage: Stage, database: string, crediting: Crediting): Promise<void> {
  await crediting.drain();
  await stage.stopServices();
  const [unsettled] = await stage.database.query<{ orders: string }>(
    database,
    `SELECT count(*) AS orders FROM gophermart.orders WHERE status IN ('NEW', 'PROCESSING')`,
  );
  if (Number(unsettled?.orders) > 0)
    stage.report(`${unsettled?.orders ?? ''} orders are not settled though the queue is empty`);
  if ((await countRows(stage.database, database, 'credits')) === 0)
    stage.report('nothing was credited');
  stage.report(...(await reconcile(stage.database.uri(database), stage.stopping)));
}
