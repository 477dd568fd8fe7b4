import { giveOrders, STANDARD } from '../books/fill.js';
import { evenly, givePasswords, signIn } from '../books/users.js';
import { atMost, figure, number, ratios } from '../report/figures.js';
import { beside, inTurns, type Round, underLoad } from '../rounds.js';
import type { Scenario } from './scenario.js';

const LIST = { call: 'orders', connections: 10, perSecond: 5 } as const;
/** With connections enough for those who wait for their turn at the password hash. */
const STORM = { call: 'login', connections: 300, perSecond: 500 } as const;

/** How many times its usual value everybody else's p99 may become. */
const GOAL = atMost(3);

/** What two bad neighbours cost everybody else, who goes on at 50 connections. */
export const NEIGHBOURS: Scenario = {
  name: 'neighbours',
  meaning: 'how fast others are served beside an endless list, and beside 500 log-ins a second',
  async run(bench) {
    const { longList, side } = bench.options;
    const { database, service } = await bench.start();
    const { url } = service;
    const owner = STANDARD.users;
    bench.say('giving one user too many orders');
    await bench.server.session(database, (query) => giveOrders(query, owner, longList));
    await givePasswords(url, bench.server, database);
    const users = signIn(evenly(owner - 1, owner - 1), bench.folder);
    const others = underLoad(bench, { services: [service], call: 'mix', users });
    const { file } = signIn([owner], bench.folder);
    const list = { what: 'the long list', order: { ...LIST, url, users: file } };
    // The service must refuse at once those whom it cannot serve in time.
    const order = { ...STORM, url, users: users.file };
    const storm = { what: 'the log-ins', order, refusal: 'status 429' };
    const rounds = await inTurns(
      bench,
      { alone: others, list: beside(bench, others, list), storm: beside(bench, others, storm) },
      side,
    );
    await bench.finish(database);
    const p99 = (seen: readonly Round[]): number[] => seen.map(({ p99Ms }) => p99Ms);
    const harm = (seen: readonly Round[]): number[] => ratios(p99(seen), p99(rounds.alone));
    const lists = `a list of ${number(longList)} orders, ${LIST.perSecond} times a second`;
    const logIns = `${STORM.perSecond} log-ins a second`;
    const sent = (seen: readonly { sent: number }[]): number[] => seen.map((each) => each.sent);
    const p50 = rounds.list.map(({ neighbourP50Ms }) => neighbourP50Ms);
    const letIn = rounds.storm.map(({ succeeded }) => succeeded);
    return {
      rows: [
        { what: 'everybody else, alone', rounds: rounds.alone },
        { what: 'everybody else, beside the long list', rounds: rounds.list },
        { what: 'everybody else, beside the log-ins', rounds: rounds.storm },
      ],
      figures: [
        figure(`everybody else’s p99, beside ${lists} / alone`, harm(rounds.list), GOAL),
        figure('the long list: sent', sent(rounds.list), undefined, '/s'),
        figure('the long list: p50', p50, undefined, 'ms'),
        figure(`everybody else’s p99, beside ${logIns} / alone`, harm(rounds.storm), GOAL),
        figure('the log-ins: sent', sent(rounds.storm), undefined, '/s'),
        figure('the log-ins: let in', letIn, undefined, '/s'),
      ],
    };
  },
};
