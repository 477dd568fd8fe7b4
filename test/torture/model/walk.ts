import fc from 'fast-check';
import type { RawReply } from '../../support/http/raw-http.js';
import { readJson, readKopecks } from '../support/kopecks.js';
import { anyName } from './plans/callers.js';
import { kindOf, LISTS, type List } from './reference/books.js';
import type { LoyaltyModel } from './reference/loyalty-model.js';
import { type ExpectedList, keyOf, print, type Row, ShownRows } from './reference/rows.js';
import type { Step } from './steps.js';
import type { Held, Story } from './story.js';

/** A list that somebody reads in pages. */
interface Walk {
  readonly name: string;
  readonly what: List;
  /** Without it the list comes whole. */
  readonly limit: number | undefined;
  /** Statuses of orders, kinds of entries. */
  readonly kinds: readonly string[] | undefined;
  readonly isCsv: boolean;
}

/**
 * Reads a list page by page, each from the next replica, and between two pages something happens:
 * nothing that was there at the first page is missed, or comes twice, and nothing else comes.
 */
function turnPages(walk: Walk, between: readonly Step[]): Step {
  return async (model, scene) => {
    const { story } = scene;
    const { name, what, limit, kinds } = walk;
    const reader = readerOf(name, story, model);
    if (!reader) return;
    const whole = model.list(what, reader.user);
    const first = model.list(what, reader.user, kinds);
    const shown = new ShownRows();
    const left = [...between];
    let path: string | undefined = pathOf(walk);
    for (let page = 0; path !== undefined; page++) {
      const reply: RawReply = await story.ask(reader, path, page, acceptOf(walk));
      const rows = rowsOf(reply);
      if (!rows) return story.fail(`${told(walk)} → ${reply.status} ${reply.text}`);
      const now = oldestOf(model.list(what, reader.user), whole.rows.length);
      const problem = shown.add(rows, kinds ? asListed(kinds, first, now) : now);
      if (problem !== undefined) story.fail(`${told(walk)}, page ${page} → ${problem}`);
      path = nextOf(reply);
      if (path !== undefined && rows.length !== limit)
        story.fail(`${told(walk)}, page ${page} → ${rows.length} rows, and there are more`);
      const step = path === undefined ? undefined : left.pop();
      if (step) await step(model, scene);
    }
    const missing = shown.end(first);
    if (missing !== undefined) story.fail(`${told(walk)} → ${missing}`);
    story.tell(`${told(walk)} → ${shown.count} rows`);
    story.site.findings.tally('read in pages', what);
  };
}

/**
 * Reads a list, and then what the times in it choose: the rows of a time, and of the history the
 * balance at one of them, or just before.
 */
function lookBack(name: string, what: List, draws: readonly [number, number]): Step {
  return async (model, { story }) => {
    const reader = readerOf(name, story, model);
    if (!reader) return;
    const all = rowsOf(await story.ask(reader, what, 0)) ?? [];
    const { orderedBy } = model.list(what, reader.user);
    const times = all.map((row) => String(row[orderedBy]));
    const [one = '', other = ''] = draws.map((draw) => times[draw % times.length]);
    if (one === '') return;
    const [from, to] = [one, other].sort() as [string, string];
    const chosen = all.filter((_, i) => (times[i] ?? '') >= from && (times[i] ?? '') < to);
    const window = await story.ask(reader, `${what}?from=${from}&to=${to}`, 1);
    if (ids(rowsOf(window)) !== ids(chosen))
      story.fail(`${name} reads ${what} from ${from} to ${to} → ${window.status} ${window.text}`);
    if (what === 'balance/history') await pastBalance(reader, all, [from, to], story);
    story.site.findings.tally('looked back at', what);
  };
}

/** At the first of two times, and a millisecond before the second. */
async function pastBalance(
  reader: Held,
  newestFirst: readonly Row[],
  [first, second]: readonly [string, string],
  story: Story,
): Promise<void> {
  const before = new Date(Date.parse(second) - 1).toISOString();
  for (const at of [first, before]) {
    const past = newestFirst.filter((row) => String(row['at']) <= at);
    const spent = past.filter(({ kind }) => kind === 'WITHDRAWAL' || kind === 'REVERSAL');
    const current = past[0]?.['balance_after'] ?? 0n;
    const withdrawn = spent.reduce((sum, { amount }) => sum - (amount as bigint), 0n);
    const { status, text } = await story.ask(reader, `balance?at=${at}`, 0);
    const shown = status === 200 ? (readJson(text) as Row) : {};
    if (shown['current'] !== current || shown['withdrawn'] !== withdrawn)
      story.fail(`the balance at ${at} → ${status} ${text}, not ${print({ current, withdrawn })}`);
  }
}

/** The session of somebody who can read, if there is one, and the user's id. */
function readerOf(
  name: string,
  story: Story,
  { access }: LoyaltyModel,
): (Held & { readonly user: string }) | undefined {
  const held = story.sessionOf(name);
  if (!held || access.stateOf(held.session, story.turn) !== 'live') return undefined;
  return { ...held, user: access.ownerOf(held.session) };
}

/** What was there before all that came since. */
function oldestOf(list: ExpectedList, count: number): ExpectedList {
  return { ...list, rows: list.rows.slice(list.rows.length - count) };
}

/**
 * Lines tell what they are now. Those that are of no such kind any more tell what they were at the
 * first page; those that have become so may be listed.
 */
function asListed(kinds: readonly string[], first: ExpectedList, now: ExpectedList): ExpectedList {
  const before = new Map(first.rows.map((row) => [keyOf(row.fields, first), row]));
  const rows = now.rows.flatMap((row) =>
    kinds.includes(kindOf(row)) ? row : (before.get(keyOf(row.fields, first)) ?? []),
  );
  return { ...first, rows };
}

function ids(rows: readonly Row[] | undefined): string | undefined {
  return rows?.map(({ id, order, number }) => String(id ?? order ?? number)).join();
}

function told({ name, what, limit, kinds, isCsv }: Walk): string {
  const how = [limit && `by ${limit}`, kinds?.join(), isCsv && 'as CSV'].filter(Boolean);
  return `${name} reads ${what} ${how.join(', ')}`;
}

function pathOf({ what, limit, kinds }: Walk): string {
  const search = new URLSearchParams();
  if (limit !== undefined) search.set('limit', `${limit}`);
  if (kinds) search.set(what === 'orders' ? 'status' : 'kind', kinds.join());
  return `${what}?${search.toString()}`;
}

function acceptOf({ isCsv }: Walk): Record<string, string> {
  return isCsv ? { accept: 'text/csv' } : {};
}

/** Where `Link` leads to, below `/api/user`. */
function nextOf({ headers }: RawReply): string | undefined {
  return /^<\/api\/user\/(.+?)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];
}

/** Undefined where the reply is no list. */
function rowsOf({ status, headers, text }: RawReply): Row[] | undefined {
  if (status !== 200) return status === 204 ? [] : undefined;
  return headers['content-type']?.startsWith('text/csv')
    ? csvRows(text)
    : (readJson(text) as Row[]);
}

/** RFC 4180. */
function csvRows(text: string): Row[] {
  const lines = [...text.matchAll(/((?:"(?:[^"]|"")*"|[^"\r\n])*)\r\n/g)].map(([, line = '']) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
    ),
  );
  const [columns = [], ...rows] = lines;
  const isSum = (column: string): boolean => ['amount', 'balance_after'].includes(column);
  return rows.map((values) =>
    Object.fromEntries(
      columns.flatMap((column, i) => {
        const value = values[i] ?? '';
        return value === '' ? [] : [[column, isSum(column) ? readKopecks(value) : value]];
      }),
    ),
  );
}

/** What each list can be asked for. Orders that are not final may be that before the next page. */
const anyKinds: Record<List, fc.Arbitrary<readonly string[] | undefined>> = {
  orders: fc.oneof(
    fc.constant(undefined),
    fc.constantFrom(['NEW'], ['NEW', 'PROCESSING']),
    fc.subarray(['NEW', 'PROCESSING', 'INVALID', 'PROCESSED'], { minLength: 1 }),
  ),
  withdrawals: fc.constant(undefined),
  'balance/history': fc.option(
    fc.subarray(['ACCRUAL', 'WITHDRAWAL', 'ADJUSTMENT', 'REVERSAL'], { minLength: 1 }),
    { nil: undefined },
  ),
};

const anyList = fc.constantFrom(...LISTS);

/**
 * @param before what makes a list of orders longer.
 * @param between what may happen between two pages.
 */
export const anyWalk = (
  before: (name: string) => fc.Arbitrary<Step>,
  between: fc.Arbitrary<Step>,
): fc.Arbitrary<Step> =>
  fc
    .tuple(anyName, anyList)
    .chain(([name, what]) =>
      fc.tuple(
        fc.record({
          name: fc.constant(name),
          what: fc.constant(what),
          limit: fc.constantFrom(1, 1, 1, 2, 3, 1_000, undefined),
          kinds: anyKinds[what],
          isCsv: what === 'balance/history' ? fc.boolean() : fc.constant(false),
        }),
        fc.array(between, { maxLength: 3 }),
        fc.array(before(name), { maxLength: what === 'orders' ? 3 : 0 }),
      ),
    )
    .map(([walk, steps, uploads]) => async (model, scene) => {
      for (const upload of uploads) await upload(model, scene);
      await turnPages(walk, steps)(model, scene);
    });

export const anyLookBack: fc.Arbitrary<Step> = fc
  .tuple(
    anyName,
    fc.oneof(fc.constant<List>('balance/history'), anyList),
    fc.tuple(fc.nat(), fc.nat()),
  )
  .map((how) => lookBack(...how));
