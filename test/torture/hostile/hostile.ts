import { join } from 'node:path';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { eventually } from '../../support/eventually.js';
import { invalid, processed, type ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import * as api from '../../support/http/client.js';
import { JWT_SECRET } from '../../support/http/forged-token.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import type { Findings } from '../findings.js';
import type { Assignment, Part } from '../part.js';
import { Random } from '../support/random.js';
import { onSite, type Site, type Told } from '../support/site.js';
import { ApiDocument } from './api-document.js';
import { Bystander, sendSlowly } from './bystanders.js';
import { Judge, Leaks } from './judge.js';
import { RequestAttack } from './requests/attack.js';
import { RequestGenerator } from './requests/generator.js';
import { Vitals } from './vitals.js';
import { WireAttack } from './wire/attack.js';
import { samplesOf } from './wire/sample.js';

const PRELOADED = new URL('collect-garbage.mjs', import.meta.url).href;

/** At once. Those on the wire mostly wait for replies that do not come. */
const REQUESTERS = 4;
const BREAKERS = 8;

export const HOSTILE: Part = {
  name: 'hostile',
  meaning:
    'requests made from our own API document, and bytes that are hardly HTTP: ' +
    'no 5xx, no leak, memory flat',
  share: 1,
  byDefault: true,
  run: (assignment) => onSite(assignment, (site) => attack(assignment, site)),
};

async function attack(assignment: Assignment, site: Site): Promise<Told> {
  const { accrual, findings, database } = site;
  // Without an answer, thousands of numbers would be asked about all the time.
  accrual.fallback = (request, response) =>
    void response.writeHead(200).end(invalid(request.url?.split('/').at(-1) ?? '').body);
  const memoryFile = join(database.folder, 'memory.json');
  const settings = { MEMORY_FILE: memoryFile };
  const flags = ['--expose-gc', `--import=${PRELOADED}`];
  const service = await site.start('service', { settings, flags });
  const { url, pid = 0 } = service;
  const port = Number(new URL(url).port);
  const rich = await api.join(url, 'rich');
  const poor = await api.join(url, 'poor');
  const wired = await api.join(url, 'wired');
  /** Has neither points nor orders, whatever the others do. */
  const onlooker = await api.join(url, 'onlooker');
  await enrich(url, accrual, rich, '700001');
  const number = await enrich(url, accrual, wired, '700002');
  const document = await ApiDocument.load(url);
  const secrets = { 'the signing key': JWT_SECRET, 'somebody else’s token': onlooker.token };
  const leaks = new Leaks(secrets);
  const requests = new RequestAttack(url, new Judge(document, leaks), findings);
  const wire = new WireAttack(port, samplesOf(wired, number), leaks, findings);
  const vitals = new Vitals(pid, port, memoryFile, findings);

  const bystander = new Bystander(url, onlooker, findings);
  await bystander.seeIdle();
  const over = endOf(assignment);
  const random = new Random(assignment.seed);
  const generator = (name: string): RequestGenerator =>
    new RequestGenerator(document, [rich, poor], random.fork(name));
  const sweep = generator('sweep').sweep();
  const progress = setInterval(() => {
    const broken = findings.of('broken requests');
    assignment.say(`${findings.of('requests')} requests, ${broken} broken ones`);
    if (service.pid === undefined) over.abort();
  }, 250);
  const [seen] = await Promise.all([
    bystander.goOn(over.signal),
    ...times(REQUESTERS, (i) => requests.goOn(generator(`requests ${i}`), sweep, over.signal)),
    ...times(BREAKERS, (i) => wire.goOn(random.fork(`wire ${i}`), over.signal)),
    sendSlowly(port, wired, over.signal),
    vitals.watch(assignment.seconds, over.signal),
  ]).finally(() => clearInterval(progress));
  if (service.pid === undefined) findings.violation('the service has died');
  else await vitals.judge();
  return {
    facts: {
      requests: findings.of('requests'),
      'broken requests': findings.of('broken requests'),
      ...seen,
      ...vitals.facts,
      'documented, never seen': unseen(document, findings),
    },
    table: { columns: ['request', 'replies'], rows: Object.entries(findings.tallies) },
  };
}

/** Gives a member a million points for a number, and pays 1 for the same. @returns the number. */
async function enrich(
  url: string,
  accrual: ScriptedAccrual,
  { token, login }: api.Member,
  digits: string,
): Promise<string> {
  const { value: number } = OrderNumber.withCheckDigit(digits);
  const call = ({ line, ...request }: api.Call): Promise<RawReply> => send(url, line, request);
  accrual.script(number, processed(number, '1000000'));
  await call(api.by(token, api.upload(number)));
  await eventually(`points of ${login} arrive`, async () =>
    (await call(api.by(token, api.read('balance')))).text.includes('1000000'),
  );
  const paid = await call(api.by(token, api.withdraw(number, '1')));
  if (paid.status !== 200) throw new Error(`a first withdrawal: ${paid.status} ${paid.text}`);
  return number;
}

/** What the document promises and the attack has not seen; 429 needs a limit, 5xx are findings. */
function unseen({ operations }: ApiDocument, findings: Findings): string {
  const missing = operations.flatMap(({ name, replies }) =>
    Object.keys(replies)
      .filter((status) => Number(status) < 429 && findings.timesOf(name, status) === 0)
      .map((status) => `${name} ${status}`),
  );
  return missing.join(', ') || 'nothing';
}

function times<T>(count: number, start: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => start(i));
}

/** Node 20 may collect AbortSignal.any of AbortSignal.timeout as garbage before it fires. */
function endOf({ seconds, stopping }: Assignment): AbortController {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), seconds * 1_000);
  stopping.addEventListener('abort', () => {
    clearTimeout(timer);
    over.abort();
  });
  return over;
}
