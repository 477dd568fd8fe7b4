import { reconcile } from '../books/checks.js';
import { giveOrders } from '../books/fill.js';
import { givePasswords } from '../books/passwords.js';
import { evenly, signIn } from '../books/users.js';
import { underLoad } from '../contest/contenders.js';
import { contest, sideLength } from '../contest/contest.js';
import { beside } from '../contest/nuisance.js';
import type { Round } from '../measure/round.js';
import { ratios } from '../measure/statistics.js';
import { atMost, figure } from '../report/figure.js';
import { number } from '../report/numbers.js';
import { STANDARD } from '../stage/stage.js';
import type { Scenario } from './scenario.js';

const LIST = { call: 'orders', connections: 10, perSecond: 5 } as const;
/** With connections enough for those who wait for their turn at the password hash. */
const STORM = { call: 'login', connections: 300, perSecond: 500 } as const;

/** Nobody else's p99 may become more than so many times what it is without. */
const GOAL = atMost(3);

/**
 * What two bad neighbours cost everybody else, who goes on at 50 connections: balances, lists and
 * uploads.
 */
export const NEIGHBOURS: Scenario = {
  name: 'neighbours',
  meaning: 'what one user’s endless list, and a storm of log-ins, leave to everybody else',
  async run(stage) {
    const database = await stage.books();
    const owner = STANDARD.users;
    stage.say('giving one user too many orders');
    await stage.database.session(database, (query) =>
      giveOrders(query, owner, stage.options.longList),
    );
    const service = await stage.service(database);
    await givePasswords(service.url, stage.database, database);
    const users = signIn(evenly(owner - 1, owner - 1), stage.folder, 'neighbours');
    const others = underLoad(stage, { services: [service], call: 'mix', users });
    const longList = signIn([owner], stage.folder, 'long-list').file;
    const list = { what: 'the long list', order: { ...LIST, url: service.url, users: longList } };
    // Whom the service cannot serve in time it must refuse at once.
    const storm = {
      what: 'the log-ins',
      order: { ...STORM, url: service.url, users: users.file },
      refusal: 'status 429',
    };
    const rounds = await contest(
      stage,
      { alone: others, list: beside(stage, others, list), storm: beside(stage, others, storm) },
      sideLength(stage),
    );
    await stage.stopServices();
    stage.report(...(await reconcile(stage.database.uri(database), stage.stopping)));
    const p99 = (seen: readonly Round[]): number[] => seen.map(({ p99Ms }) => p99Ms);
    const harm = (seen: readonly Round[]): number[] => ratios(p99(seen), p99(rounds.alone));
    const lists = `a list of ${number(stage.options.longList)} orders, ${LIST.perSecond} times a second`;
    return {
      rows: [
        { what: 'everybody else, alone', rounds: rounds.alone },
        { what: 'everybody else, beside the long list', rounds: rounds.list },
        { what: 'everybody else, beside the log-ins', rounds: rounds.storm },
      ],
      figures: [
        figure(`everybody else’s p99, beside ${lists} / alone`, harm(rounds.list), GOAL),
        figure(
          'the long list: sent',
          rounds.list.map(({ sent }) => sent),
          undefined,
          '/s',
        ),
        figure(
          'the long list: p50',
          rounds.list.map(({ nuisanceP50Ms }) => nuisanceP50Ms),
          undefined,
          'ms',
        ),
        figure(
          `everybody else’s p99, beside ${STORM.perSecond} log-ins a second / alone`,
          harm(rounds.storm),
          GOAL,
        ),
        figure(
          'the log-ins: sent',
          rounds.storm.map(({ sent }) => sent),
          undefined,
          '/s',
        ),
        figure(
          'the log-ins: let in',
          rounds.storm.map(({ succeeded }) => succeeded),
          undefined,
          '/s',
        ),
      ],
    };
  },
};
