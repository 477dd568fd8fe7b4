import { setTimeout as pause } from 'node:timers/promises';
import { shownBy } from '../../support/database/shown.js';
import type { DatabaseServer } from '../../support/processes/database-server.js';
import { operate } from '../../support/processes/operator-run.js';
import type { Findings } from '../findings.js';
import type { Recorder } from './recorder.js';

/** A lease of a relay that was killed has 15 s left, and a silent wire is noticed after 10 s. */
const RECEIVED_WITHIN_MS = 60_000;

interface Row {
  readonly position: string;
  readonly type: string;
  readonly subject: string | null;
  readonly data: string;
}

const EVENTS = `
  SELECT position, type, subject, data FROM gophermart.events ORDER BY position`;

const BACKLOG = `
  SELECT count(*)::integer AS found FROM gophermart.subscriptions s
  WHERE (s.cursor->>'after')::bigint < (SELECT max(position) FROM gophermart.events)`;

/** To be called when nothing happens any more: each event has come, and no other. */
export async function checkEvents(
  database: DatabaseServer,
  recorder: Recorder,
  findings: Findings,
): Promise<void> {
  const rows = await database.query<Row>(EVENTS);
  const deadline = Date.now() + RECEIVED_WITHIN_MS;
  const isComplete = (): boolean => rows.every(({ position }) => recorder.events.has(position));
  const backlog = async (): Promise<number> =>
    (await database.query<{ found: number }>(BACKLOG))[0]?.found ?? 0;
  while ((!isComplete() || (await backlog()) > 0) && Date.now() < deadline) await pause(50);
  if ((await backlog()) > 0) findings.violation('the cursor does not reach the last event');
  const positions = new Set(rows.map(({ position }) => position));
  for (const row of rows) {
    const received = recorder.events.get(row.position);
    if (received === undefined) findings.violation('an event was lost', JSON.stringify(row));
    else if (!isSame(received, row)) findings.violation('an event is not the stored one', received);
  }
  for (const [id, event] of recorder.events)
    if (!positions.has(id)) findings.violation('an event came that is not in the journal', event);
}

/** An operator has all events sent once more: each comes again, and as it was. */
export async function checkReplay(
  database: DatabaseServer,
  recorder: Recorder,
  findings: Findings,
): Promise<void> {
  const due = new Set(recorder.events.keys());
  recorder.onRepetition = (id) => due.delete(id);
  const args = ['replay', 'broker', '--by', 'torture', '-d', database.uri()];
  const { code, errors } = await operate('journal', args);
  if (code !== 0) findings.violation('the journal cannot be sent again', errors);
  const deadline = Date.now() + RECEIVED_WITHIN_MS;
  while (due.size > 0 && Date.now() < deadline) await pause(50);
  if (due.size > 0) findings.violation(`${due.size} events do not come again`);
}

function isSame(received: string, { type, subject, data }: Row): boolean {
  const event = JSON.parse(received) as { type: string; subject?: string; data: unknown };
  return (
    event.type === type &&
    event.subject === (subject ?? undefined) &&
    JSON.stringify(event.data) === publicly(data)
  );
}

/** Who did it, and what operators have noted, is not published. */
function publicly(data: string): string {
  return JSON.stringify(JSON.parse(data), (key, value: unknown) =>
    key === 'by' || key === 'note' ? undefined : value,
  );
}

const ENTRIES = `
  SELECT kind::text, sum(CASE kind WHEN 'WITHDRAWAL' THEN -amount ELSE amount END)::text AS total
  FROM gophermart.ledger_entries GROUP BY kind ORDER BY kind`;

const SUMS = 'SELECT kind, total::text FROM sums ORDER BY kind';

/** The worked consumer has added up each entry once. */
export async function checkSums(
  database: DatabaseServer,
  own: string,
  findings: Findings,
): Promise<void> {
  const expected = JSON.stringify(await database.query(ENTRIES));
  const sums = async (): Promise<string> =>
    JSON.stringify(await database.session(own, (query) => query(SUMS)));
  const deadline = Date.now() + RECEIVED_WITHIN_MS;
  while ((await sums()) !== expected && Date.now() < deadline) await pause(50);
  if ((await sums()) !== expected)
    findings.violation('a consumer adds up something else', `${await sums()}, not ${expected}`);
}

/** The read model shows what the books have. */
export async function checkReads(
  database: DatabaseServer,
  own: string,
  findings: Findings,
): Promise<void> {
  const shown = await shownBy(database, 'books');
  const read = async (): Promise<string> =>
    JSON.stringify(await database.session(own, (query) => shownBy({ query }, 'readModel')));
  const expected = JSON.stringify(shown);
  const deadline = Date.now() + RECEIVED_WITHIN_MS;
  while ((await read()) !== expected && Date.now() < deadline) await pause(50);
  if ((await read()) !== expected)
    findings.violation('the read model shows something else than the books', await read());
  if (shown.orders.length === 0 || shown.entries.length === 0)
    findings.violation('nothing was to be shown, so the read model was not tried');
}
