import { RowCount } from '../books/checks.js';
import { STANDARD } from '../books/fill.js';
import { signIn } from '../books/users.js';
import { WORKER_OFF } from '../bench.js';
import { INSERT_ORDER, INSERT_ORDER_AT_ONCE, WITHDRAW } from '../limit/transactions.js';
import { atLeast, figure, rate, tail } from '../report/figures.js';
import { inTurns, plainSql, underLoad } from '../rounds.js';
import type { Scenario } from './scenario.js';

const UPLOAD = 'POST orders';

/** The limit writes an order and its task; with the worker off the service writes no more. */
export const UPLOADS: Scenario = {
  name: 'upload',
  meaning: 'POST orders against one transaction of plain SQL for each (worker off)',
  async run(bench) {
    const { database, service, users } = await bench.start(WORKER_OFF);
    const count = await RowCount.of(bench.server, database, 'orders');
    const sql = { database, users: STANDARD.users, count };
    const rounds = await inTurns(
      bench,
      {
        service: underLoad(bench, { services: [service], call: 'upload', users, count }),
        limit: plainSql(bench, { ...sql, transaction: INSERT_ORDER }),
        atOnce: plainSql(bench, { ...sql, transaction: INSERT_ORDER_AT_ONCE }),
      },
      bench.options.core,
    );
    await bench.finish(database, count);
    const ratio = rate(rounds.service, rounds.limit);
    const toOneStatement = rate(rounds.service, rounds.atOnce);
    return {
      rows: [
        { what: UPLOAD, rounds: rounds.service, ratios: ratio },
        { what: 'limit: BEGIN, 2 INSERTs, COMMIT', rounds: rounds.limit },
        { what: 'the same in one statement', rounds: rounds.atOnce, ratios: toOneStatement },
      ],
      figures: [
        figure(`${UPLOAD} / limit`, ratio, atLeast(2)),
        figure(`${UPLOAD} / limit in one statement`, toOneStatement),
        tail(UPLOAD, rounds.service),
      ],
    };
  },
};

const MANY = 'POST withdraw, many accounts';
const ONE = 'POST withdraw, one account';

/** Both kinds in turn: what one account takes is compared with what many take, too. */
export const WITHDRAWALS: Scenario = {
  name: 'withdraw',
  meaning:
    'POST withdraw over many accounts, and all on one, against one transaction of plain SQL for ' +
    'each',
  async run(bench) {
    const { database, service, users } = await bench.start();
    const services = [service];
    const somebody = signIn([1], bench.folder);
    const count = await RowCount.of(bench.server, database, 'withdrawals');
    const sql = { database, transaction: WITHDRAW, count };
    const rounds = await inTurns(
      bench,
      {
        many: underLoad(bench, { services, call: 'withdraw', users, count }),
        manyLimit: plainSql(bench, { ...sql, users: STANDARD.users }),
        one: underLoad(bench, { services, call: 'withdraw', users: somebody, count }),
        oneLimit: plainSql(bench, { ...sql, users: 1 }),
      },
      bench.options.core,
    );
    await bench.finish(database, count);
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
