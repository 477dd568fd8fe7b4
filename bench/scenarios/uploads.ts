import { Promised, reconcile } from '../books/checks.js';
import { evenly, signIn } from '../books/users.js';
import { plainSql, underLoad } from '../contest/contenders.js';
import { contest, coreLength } from '../contest/contest.js';
import { INSERT_ORDER, INSERT_ORDER_AT_ONCE } from '../limit/transactions.js';
import { atLeast, figure } from '../report/figure.js';
import { STANDARD } from '../stage/stage.js';
import { rate, type Scenario, tail } from './scenario.js';

const TITLE = 'POST orders';

/**
 * With the worker off: the limit writes an order and its task, and so must the service, and nothing
 * else.
 */
export const UPLOADS: Scenario = {
  name: 'upload',
  meaning: 'POST orders against one transaction of plain SQL for each (worker off)',
  async run(stage) {
    const database = await stage.books();
    const service = await stage.service(database, { CASHBACK_ENABLED: 'false' });
    const users = signIn(evenly(STANDARD.users, STANDARD.users), stage.folder, 'upload');
    const promised = await Promised.since(stage.database, database, 'orders');
    const sql = { database, users: STANDARD.users, promised };
    const rounds = await contest(
      stage,
      {
        service: underLoad(stage, { services: [service], call: 'upload', users, promised }),
        limit: plainSql(stage, { ...sql, transaction: INSERT_ORDER }),
        atOnce: plainSql(stage, { ...sql, transaction: INSERT_ORDER_AT_ONCE }),
      },
      coreLength(stage),
    );
    await stage.stopServices();
    stage.report(
      ...(await promised.check()),
      ...(await reconcile(stage.database.uri(database), stage.stopping)),
    );
    const ratio = rate(rounds.service, rounds.limit);
    return {
      rows: [
        { what: TITLE, rounds: rounds.service, ratios: ratio },
        { what: 'limit: BEGIN, 2 INSERTs, COMMIT', rounds: rounds.limit },
        {
          what: 'the same in one statement',
          rounds: rounds.atOnce,
          ratios: rate(rounds.service, rounds.atOnce),
        },
      ],
      figures: [
        figure(`${TITLE} / limit`, ratio, atLeast(2)),
        figure(`${TITLE} / limit in one statement`, rate(rounds.service, rounds.atOnce)),
        tail(TITLE, rounds.service),
      ],
    };
  },
};
