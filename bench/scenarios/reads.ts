import { readFileSync } from 'node:fs';
import { MOST_LINES } from '../../src/platform/http/lists/list-requests.js';
import { send } from '../../test/support/http/raw-http.js';
import { giveOrders, ORDERS_PER_USER, STANDARD } from '../books/fill.js';
import { givePasswords, type SignedIn, signIn } from '../books/users.js';
import { SELECT_BALANCE, SELECT_ORDERS, type Transaction } from '../limit/transactions.js';
import { atLeast, figure, type Goal, number, rate, tail } from '../report/figures.js';
import { inTurns, plainSql, underLoad } from '../rounds.js';
import type { Scenario } from './scenario.js';

interface Read {
  readonly call: 'balance' | 'orders';
  readonly title: string;
  readonly transaction: Transaction;
  readonly goal: Goal;
}

/** The service checks a token and that its user exists; the limit does neither. */
function read({ call, title, transaction, goal }: Read): Scenario {
  return {
    name: call,
    meaning: `${title} against the same rows by plain SELECTs`,
    async run(bench) {
      const { database, service, users } = await bench.start();
      const rounds = await inTurns(
        bench,
        {
          service: underLoad(bench, { services: [service], call, users }),
          limit: plainSql(bench, { database, transaction, users: STANDARD.users }),
        },
        bench.options.core,
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

/** A page of a list that is too long to be read whole. */
export const PAGES: Scenario = {
  name: 'pages',
  meaning: 'a page of 20 from the middle of a list of a million orders, against a list of 20',
  async run(bench) {
    const { database, service, users } = await bench.start();
    const count = bench.options.largeUsers * ORDERS_PER_USER;
    bench.say('giving one user a long list');
    await bench.server.session(database, (query) => giveOrders(query, 1, count));
    const owner = signIn([1], bench.folder);
    const query = await queryOfPage(service.url, owner, count / 2);
    const rounds = await inTurns(
      bench,
      {
        pages: underLoad(bench, { services: [service], call: 'orders', query, users: owner }),
        lists: underLoad(bench, { services: [service], call: 'orders', users }),
      },
      bench.options.core,
    );
    const ratios = rate(rounds.pages, rounds.lists);
    const what = `GET orders, 20 from the middle of ${number(count)}`;
    return {
      rows: [
        { what, rounds: rounds.pages, ratios },
        { what: 'GET orders (20 of them)', rounds: rounds.lists },
      ],
      figures: [figure(`${what} / 20 in all`, ratios, atLeast(0.8)), tail(what, rounds.pages)],
    };
  },
};

/** Of the page behind so many lines, as whoever goes from page to page comes to it. */
async function queryOfPage(url: string, { file }: SignedIn, lines: number): Promise<string> {
  const [, token = ''] = readFileSync(file, 'utf8').trim().split(' ');
  const request = { headers: { authorization: `Bearer ${token}` } };
  let query = `?limit=${MOST_LINES}`;
  for (let behind = 0; behind < lines; behind += MOST_LINES) {
    const { headers } = await send(url, `GET /api/user/orders${query}`, request);
    [, query = ''] = /<[^?>]*(\?[^>]+)>; rel="next"/.exec(String(headers['link'])) ?? [];
    if (query === '') throw new Error('there is no page in the middle of the list');
  }
  return query.replace(`limit=${MOST_LINES}`, 'limit=20');
}

/** Some 35 a second on two cores: of 50 connections shorter rounds would see next to nothing. */
export const HASHING_SECONDS = 6;

/** Registering and logging in are as fast as the password hash allows, and should be no faster. */
export const OTHER_CALLS: Scenario = {
  name: 'calls',
  meaning: 'GET withdrawals, log-in and registration at 50 connections',
  async run(bench) {
    const { database, service, users } = await bench.start();
    await givePasswords(service.url, bench.server, database);
    const of = (call: 'withdrawals' | 'login' | 'register') =>
      underLoad(bench, { services: [service], call, users });
    const { withdrawals } = await inTurns(
      bench,
      { withdrawals: of('withdrawals') },
      bench.options.side,
    );
    const { login, register } = await inTurns(
      bench,
      { login: of('login'), register: of('register') },
      { rounds: 1, seconds: HASHING_SECONDS, warmUpSeconds: 1 },
    );
    const rows = [
      { what: 'GET withdrawals', rounds: withdrawals },
      { what: 'POST login', rounds: login },
      { what: 'POST register', rounds: register },
    ];
    return { rows, figures: rows.map(({ what, rounds }) => tail(what, rounds)) };
  },
};
