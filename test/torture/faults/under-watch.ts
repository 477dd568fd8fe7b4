import { anyOf, type Circumstances, Crowd } from '../customers/crowd.js';
import type { Assignment } from '../part.js';
import { Watch } from './watch.js';

const CUSTOMERS = 16;

/** Customers have come by then, and nothing is wrong yet. */
const IDLE_MS = 8_000;

const FACTS = [
  'an idle call, p50, ms',
  'an idle call, the slowest, ms',
  'uploads accepted',
  'orders credited',
  'withdrawals made',
  'reads checked',
];

/**
 * Has customers and watchers call the service while `happen` goes on, and when that is over checks
 * the books. @returns the facts.
 */
export async function underWatch(
  circumstances: Circumstances,
  say: Assignment['say'],
  happen: (watch: Watch) => Promise<void>,
): Promise<Record<string, number>> {
  const { deployment, findings, stopping } = circumstances;
  deployment.accrual.beReliable();
  const over = new AbortController();
  const crowd = new Crowd(circumstances, 1, CUSTOMERS);
  const watch = await Watch.start(deployment.urls, findings);
  try {
    crowd.live(anyOf(over.signal, stopping));
    say('an idle service');
    const { p50, slowest } = await watch.seeIdle(IDLE_MS);
    findings.count('an idle call, p50, ms', Math.round(p50));
    findings.count('an idle call, the slowest, ms', Math.round(slowest));
    await happen(watch);
  } finally {
    over.abort();
    await watch.stop();
    await crowd.untilAnswered();
  }
  if (!stopping.aborted) {
    await crowd.untilQuiet();
    say('checking the customers and the books');
    await crowd.check();
  }
  crowd.close();
  return Object.fromEntries(FACTS.map((what) => [what, findings.of(what)]));
}
