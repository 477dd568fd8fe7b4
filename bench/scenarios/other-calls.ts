import { givePasswords } from '../books/passwords.js';
import { evenly, signIn } from '../books/users.js';
import { underLoad } from '../contest/contenders.js';
import { contest, sideLength } from '../contest/contest.js';
import { STANDARD } from '../stage/stage.js';
import { type Scenario, tail } from './scenario.js';

/**
 * Some 35 a second on two cores, so 50 connections wait 1.4 s: shorter rounds would have seen next
 * to none.
 */
const HASHING = { rounds: 1, seconds: 6, warmUpSeconds: 1 };

/**
 * What the other scenarios leave out. Registering and logging in are as fast as the password hash
 * allows, and are meant to be no faster.
 */
export const OTHER_CALLS: Scenario = {
  name: 'calls',
  meaning: 'GET withdrawals, log-in and registration at 50 connections',
  async run(stage) {
    const database = await stage.books();
    const services = [await stage.service(database)];
    await givePasswords(services[0]?.url ?? '', stage.database, database);
    const users = signIn(evenly(STANDARD.users, STANDARD.users), stage.folder, 'calls');
    const { withdrawals } = await contest(
      stage,
      { withdrawals: underLoad(stage, { services, call: 'withdrawals', users }) },
      sideLength(stage),
    );
    const { login, register } = await contest(
      stage,
      {
        login: underLoad(stage, { services, call: 'login', users }),
        register: underLoad(stage, { services, call: 'register', users }),
      },
      HASHING,
    );
    const rows = [
      { what: 'GET withdrawals', rounds: withdrawals },
      { what: 'POST login', rounds: login },
      { what: 'POST register', rounds: register },
    ];
    return { rows, figures: rows.map(({ what, rounds: seen }) => tail(what, seen)) };
  },
};
