import { evenly, signIn } from '../books/users.js';
import { plainSql, underLoad } from '../contest/contenders.js';
import { contest, coreLength } from '../contest/contest.js';
import { SELECT_BALANCE, SELECT_ORDERS, type Transaction } from '../limit/transactions.js';
import { atLeast, figure, type Goal } from '../report/figure.js';
import { STANDARD } from '../stage/stage.js';
import { rate, type Scenario, tail } from './scenario.js';

interface Read {
  readonly call: 'balance' | 'orders';
  readonly title: string;
  readonly transaction: Transaction;
  readonly goal: Goal;
}

/** The service checks a token and that its user exists besides: the limit does not. */
function read({ call, title, transaction, goal }: Read): Scenario {
  return {
    name: call,
    meaning: `${title} against the same rows by plain SELECTs`,
    async run(stage) {
      const database = await stage.books();
      const service = await stage.service(database);
      const users = signIn(evenly(STANDARD.users, STANDARD.users), stage.folder, call);
      const rounds = await contest(
        stage,
        {
          service: underLoad(stage, { services: [service], call, users }),
          limit: plainSql(stage, { database, transaction, users: STANDARD.users }),
        },
        coreLength(stage),
      );
      const ratio = rate(rounds.service, rounds.limit);
      return {
        rows: [
          { what: title, rounds: rounds.service, ratios: ratio },
          { what: 'limit: SELECT', rounds: rounds.limit },
        ],
        figures: [figure(`${title} / limit`, ratio, goal), tail(title, rounds.service)],
      };
    },
  };
}

export const BALANCE = read({
  call: 'balance',
  title: 'GET balance',
  transaction: SELECT_BALANCE,
  goal: atLeast(0.5),
});
export const ORDERS = read({
  call: 'orders',
  title: 'GET orders (20 of them)',
  transaction: SELECT_ORDERS,
  goal: atLeast(0.4),
});
