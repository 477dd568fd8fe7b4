import type { Assignment, Part, PartReport } from '../part.js';
import { Random } from '../support/random.js';
import { JWT_SECRET } from '../support/replica.js';
import { Canary } from './canary.js';
import { ApiDocument } from './document/api-document.js';
import { Findings } from './findings.js';
import { Judge } from './judge.js';
import { Leaks } from './leaks.js';
import { RequestAttack } from './requests/attack.js';
import { RequestGenerator } from './requests/generator.js';
import { NUMBERS, Stage } from './stage.js';
import { Tally } from './tally.js';
import { Vitals } from './vitals.js';
import { WireAttack } from './wire/attack.js';
import { samplesOf } from './wire/samples.js';
import { crawl } from './wire/slow-clients.js';

/** At once. Those on the wire mostly wait for replies that do not come. */
const REQUESTERS = 4;
const BREAKERS = 8;

async function run(assignment: Assignment): Promise<PartReport> {
  const stage = await Stage.set();
  let violations: readonly string[] = ['broke down'];
  try {
    const report = await attack(stage, assignment);
    violations = report.violations;
    if (violations.length === 0) return report;
    return {
      ...report,
      violations: [...violations, `log and database are kept in ${stage.folder}`],
    };
  } finally {
    await stage.clear(violations.length > 0);
  }
}

async function attack(stage: Stage, assignment: Assignment): Promise<PartReport> {
  const { url, pid = 0 } = stage.replica;
  const port = Number(new URL(url).port);
  const { rich, poor, wired, onlooker } = stage.members;
  const document = await ApiDocument.load(url);
  const findings = new Findings();
  const tallies = { requests: new Tally(), wire: new Tally() };
  const leaks = new Leaks({
    'the signing key': JWT_SECRET,
    'somebody else’s token': onlooker.token,
  });
  const requests = new RequestAttack(url, new Judge(document, leaks), findings, tallies.requests);
  const wire = new WireAttack(port, samplesOf(wired, NUMBERS.wired), leaks, findings, tallies.wire);
  const canary = new Canary(url, onlooker, findings);
  const vitals = new Vitals(pid, port, stage.memoryFile, findings);

  const over = inTime(assignment);
  const random = new Random(assignment.seed);
  const generator = (name: string): RequestGenerator =>
    new RequestGenerator(document, [rich, poor], random.fork(name));
  const sweep = generator('sweep').sweep();
  const progress = setInterval(() => {
    assignment.say(`${requests.sent} requests, ${wire.fired} broken ones`);
    if (stage.replica.pid === undefined) over.abort();
  }, 250);
  await Promise.all([
    ...times(REQUESTERS, (i) => requests.goOn(generator(`requests ${i}`), sweep, over.signal)),
    ...times(BREAKERS, (i) => wire.goOn(random.fork(`wire ${i}`), over.signal)),
    crawl(port, wired, over.signal),
    canary.sing(over.signal),
    vitals.watch(assignment.seconds, over.signal),
  ]).finally(() => clearInterval(progress));
  const died =
    stage.replica.pid === undefined ? ['the service has died; the rest is what came of it'] : [];
  if (died.length === 0) await vitals.judge();
  return {
    facts: {
      requests: requests.sent,
      'broken requests': wire.fired,
      ...canary.facts,
      ...vitals.facts,
      'documented, never seen': unseen(document, tallies.requests),
    },
    violations: [...died, ...findings.violations],
    table: {
      columns: ['request', 'replies'],
      rows: [...tallies.requests.rows, ...tallies.wire.rows],
    },
  };
}

/**
 * What the document promises and the attack has not brought about. Without a limit most have no
 * 429; 5xx are findings.
 */
function unseen({ operations }: ApiDocument, tally: Tally): string {
  const missing = operations.flatMap(({ name, replies }) =>
    Object.keys(replies)
      .filter((status) => Number(status) < 429 && !tally.has(name, status))
      .map((status) => `${name} ${status}`),
  );
  return missing.join(', ') || 'nothing';
}

function times<T>(count: number, start: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => start(i));
}

/**
 * AbortSignal.any of AbortSignal.timeout would do, did Node 20 not let it be collected as garbage
 * before it fires.
 */
function inTime({ seconds, stopping }: Assignment): AbortController {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), seconds * 1_000);
  stopping.addEventListener('abort', () => {
    clearTimeout(timer);
    over.abort();
  });
  return over;
}

/** Requests and bytes that no client of good will sends. */
export const HOSTILE: Part = {
  name: 'hostile',
  meaning:
    'requests made from our own API document, and bytes that are hardly HTTP: no 5xx, no leak, memory flat',
  share: 1,
  byDefault: true,
  run,
};
