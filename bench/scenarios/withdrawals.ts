import { Promised, reconcile } from '../books/checks.js';
import { evenly, signIn } from '../books/users.js';
import { plainSql, underLoad } from '../contest/contenders.js';
import { contest, coreLength } from '../contest/contest.js';
import { WITHDRAW } from '../limit/transactions.js';
import { atLeast, figure } from '../report/figure.js';
import { STANDARD } from '../stage/stage.js';
import { rate, type Scenario, tail } from './scenario.js';

const MANY = 'POST withdraw, many accounts';
const ONE = 'POST withdraw, one account';

/** Both kinds in turn: what one account takes is compared with what many take, too. */
export const WITHDRAWALS: Scenario = {
  name: 'withdraw',
  meaning:
    'POST withdraw over many accounts, and all on one, against one transaction of plain SQL for each',
  async run(stage) {
    const database = await stage.books();
    const services = [await stage.service(database)];
    const everyone = signIn(evenly(STANDARD.users, STANDARD.users), stage.folder, 'withdraw');
    const somebody = signIn([1], stage.folder, 'withdraw-one');
    const promised = await Promised.since(stage.database, database, 'withdrawals');
    const sql = { database, transaction: WITHDRAW, promised };
    const rounds = await contest(
      stage,
      {
        many: underLoad(stage, { services, call: 'withdraw', users: everyone, promised }),
        manyLimit: plainSql(stage, { ...sql, users: STANDARD.users }),
        one: underLoad(stage, { services, call: 'withdraw', users: somebody, promised }),
        oneLimit: plainSql(stage, { ...sql, users: 1 }),
      },
      coreLength(stage),
    );
    await stage.stopServices();
    stage.report(
      ...(await promised.check()),
      ...(await reconcile(stage.database.uri(database), stage.stopping)),
    );
    const [many, one] = [rate(rounds.many, rounds.manyLimit), rate(rounds.one, rounds.oneLimit)];
    return {
      rows: [
        { what: MANY, rounds: rounds.many, ratios: many },
        { what: 'limit: BEGIN, UPDATE, INSERT, COMMIT', rounds: rounds.manyLimit },
        { what: ONE, rounds: rounds.one, ratios: one },
        { what: 'limit: the same on one account', rounds: rounds.oneLimit },
      ],
      figures: [
        figure(`${MANY} / limit`, many, atLeast(1.5)),
        figure(`${ONE} / limit on one account`, one, atLeast(5)),
        figure(`${ONE} / many accounts`, rate(rounds.one, rounds.many), atLeast(0.8)),
        tail(MANY, rounds.many),
        tail(ONE, rounds.one),
      ],
    };
  },
};
