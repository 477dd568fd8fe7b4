import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseServer } from '../../support/processes/database-server.js';
import { AccrualAnswers } from '../support/accrual-answers.js';
import { Deployment } from '../support/deployment.js';
import type { Assignment, Part } from '../part.js';
import { Random } from '../support/random.js';
import { onSite, type Site, type Told } from '../support/site.js';
import { underWatch } from './under-watch.js';
import { isUsual } from './watch.js';

/** Until the standby is promoted. */
const DEAD_MS = 2_000;
/** The service goes on with the new primary. */
const AFTERWARDS_MS = 3_000;

export const FAILOVER: Part = {
  name: 'failover',
  meaning: 'kills the primary database under load and promotes its synchronous standby',
  share: 0,
  byDefault: true,
  async run(assignment) {
    const { primary, standby } = await DatabaseServer.startPair();
    try {
      // What is left in the end is the standby's.
      return await onSite(assignment, (site) => run(assignment, site, primary), standby);
    } finally {
      await primary.stop();
    }
  },
};

async function run(assignment: Assignment, site: Site, primary: DatabaseServer): Promise<Told> {
  const { seed, stopping, say } = assignment;
  const { database: standby, findings } = site;
  const random = new Random(seed).fork('failover');
  const answers = new AccrualAnswers(random.fork('accrual system'));
  const hosts = [primary, standby].map((each) => new URL(each.uri()).host).join(',');
  const uri = primary.uri().replace(new URL(primary.uri()).host, hosts);
  say('starting the replicas');
  const servers = `${uri}&target_session_attrs=read-write`;
  const deployment = await Deployment.start(site, answers, stopping, [{}, {}], servers);
  try {
    const circumstances = { deployment, answers, findings, random, stopping };
    const facts = await underWatch(circumstances, say, async (watch) => {
      say('the primary is killed');
      const killed = performance.now();
      await primary.crash();
      await pause(DEAD_MS);
      say('the standby is promoted');
      await standby.query('SELECT pg_promote()');
      const normalMs = await watch.untilNormal(performance.now(), 'a failover');
      findings.count('ms from promotion to normal', normalMs);
      await pause(AFTERWARDS_MS);
      const seen = watch.since(killed);
      for (const each of seen)
        if (!isUsual(each) && each.status !== 503)
          findings.violation(`${each.kind} was answered ${each.status || 'not at all'}`);
      findings.count('answers 503', seen.filter(({ status }) => status === 503).length);
      findings.peak('slowest answer, ms', Math.round(Math.max(...seen.map(({ ms }) => ms))));
    });
    const own = ['answers 503', 'slowest answer, ms', 'ms from promotion to normal'];
    return {
      facts: { ...facts, ...Object.fromEntries(own.map((what) => [what, findings.of(what)])) },
    };
  } finally {
    await deployment.stop();
  }
}
