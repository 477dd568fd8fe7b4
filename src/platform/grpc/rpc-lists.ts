import { MAX, NIL, validate as isUuid } from 'uuid';
import type { Outcome } from '../../kernel/application/batches/group-commit.js';
import type { JsonPage, ListQuery } from '../../kernel/application/json-lists.js';
import { DomainError } from '../../kernel/domain/domain-error.js';
import { type Moment, readMoment } from '../../kernel/domain/time/moment.js';
import type { RpcErrors, RpcOutcome } from './rpc-errors.js';

/** Commands of one call, or of one batch on a stream, at most. */
const MAX_COMMANDS = 1_000;

/** Pages of lists in one call, at most: together they are less than a message may have. */
export const MAX_PAGES = 32;

/** A call, or a command of one, has not the form that its definition says. */
export class MalformedCall extends DomainError {
  readonly code = 'malformed-call';
  readonly kind = 'malformed';
}

/**
 * A UUID as the database writes it, in lower case: some languages write it otherwise.
 *
 * @throws MalformedCall
 */
export function uuidOf(what: string, text: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw new MalformedCall(`${what} must be a UUID`);
}

/** A command's own: neither of the two UUIDs that everybody knows. @throws MalformedCall */
export function idOf(text: string): string {
  const id = uuidOf('id', text);
  if (id === NIL || id === MAX) throw new MalformedCall('id must be a UUID of its own');
  return id;
}

/** The ids of a call's commands: an id names one command. @throws MalformedCall */
export function assertOneOfEach(ids: readonly string[]): void {
  assertCount(ids);
  if (new Set(ids.map((id) => id.toLowerCase())).size < ids.length)
    throw new MalformedCall('two commands of the call have the same id');
}

/** @throws MalformedCall */
export function assertCount(commands: readonly unknown[], most = MAX_COMMANDS): void {
  if (commands.length > most) throw new MalformedCall(`a call takes at most ${most} of them`);
}

/**
 * What became of each command of a call, in their order; one that is refused touches no other.
 *
 * @throws MalformedCall where there are too many.
 */
export async function outcomesOf<Command, Value extends object>(
  commands: readonly Command[],
  errors: RpcErrors,
  handle: (command: Command, place: number) => Promise<Value>,
): Promise<RpcOutcome<Value>[]> {
  assertCount(commands);
  return Promise.all(
    commands.map(async (command, place): Promise<RpcOutcome<Value>> => {
      try {
        return await handle(command, place);
      } catch (error) {
        return { refusal: errors.refusalOf(error) };
      }
    }),
  );
}

/**
 * What another process answered to each command: its value, which is in `member`, or why it was
 * refused. A later version may answer what this one does not know, which must not pass for success.
 */
export function outcomesFrom<Member extends string, Answer, Value>(
  outcomes: readonly RpcOutcome<{ readonly [M in Member]: Answer }>[],
  errors: RpcErrors,
  member: Member,
  toValue: (answer: Answer, place: number) => Value,
): Outcome<Value>[] {
  return outcomes.map((each, place) => {
    if ('refusal' in each) return { broken: errors.errorOf(each.refusal) };
    try {
      if (!(member in each)) throw new Error('an outcome is neither known nor a refusal');
      return { value: toValue(each[member], place) };
    } catch (error) {
      return { broken: error as Error };
    }
  });
}

/** The page that another process has read, with the lines that its message has. */
export function pageOf<Line>({ lines, nextPageToken }: ReadPage<Line>): JsonPage<Line> {
  return {
    lines: JSON.stringify(lines).slice(1, -1),
    count: lines.length,
    next: nextPageToken === '' ? undefined : nextPageToken,
  };
}

/** What is asked of a list. Absent members are empty, or 0. */
export interface PageRequest {
  readonly userId: string;
  readonly pageToken: string;
  readonly limit: number;
  readonly from: string;
  readonly to: string;
}

/** As a message has it. */
export function pageRequest(
  userId: string,
  { after = '', limit = 0, from, to }: ListQuery<string>,
): PageRequest {
  return { userId, pageToken: after, limit, from: timeOf(from), to: timeOf(to) };
}

function timeOf(ms: number | undefined): string {
  return ms === undefined ? '' : new Date(ms).toISOString();
}

/** A time in a message; undefined where it is empty. @throws MalformedCall */
export function momentOf(what: string, text: string): Moment | undefined {
  if (text === '') return undefined;
  const moment = readMoment(text);
  if (!moment) throw new MalformedCall(`${what} must be a time as in RFC 3339`);
  return moment;
}

/** The query of a message, but for kinds. @throws MalformedCall */
function queryOf({ pageToken, limit, from, to }: PageRequest): ListQuery {
  return {
    after: pageToken === '' ? undefined : pageToken,
    limit: limit === 0 ? undefined : limit,
    from: momentOf('from', from)?.ceilMs,
    to: momentOf('to', to)?.ceilMs,
  };
}

/**
 * Values of an enum in a message; undefined for none.
 *
 * @throws MalformedCall for what this version does not know.
 */
export function kindsOf<Kind extends string>(
  prefix: string,
  names: readonly string[],
  known: readonly Kind[],
): readonly Kind[] | undefined {
  if (names.length === 0) return undefined;
  return [...new Set(names)].map((name) => {
    const kind = known.find((each) => `${prefix}${each}` === name);
    if (kind === undefined) throw new MalformedCall(`${name} is not known`);
    return kind;
  });
}

/** A page that was read, with lines as messages have them. */
export interface ReadPage<Line> {
  readonly lines: readonly Line[];
  readonly nextPageToken: string;
}

/**
 * Pages of lists. `toMessage` makes of a page what its message has.
 *
 * @param read also has the request, for what the query does not say.
 * @throws MalformedCall where there are too many.
 */
export async function pagesOf<Line, Message extends object, Request extends PageRequest>(
  pages: readonly Request[],
  errors: RpcErrors,
  read: (userId: string, query: ListQuery, request: Request) => Promise<JsonPage<Line>>,
  toMessage: (page: ReadPage<Line>) => Message,
): Promise<{ outcomes: RpcOutcome<{ page: Message }>[] }> {
  assertCount(pages, MAX_PAGES);
  const outcomes = await outcomesOf(pages, errors, async (request) => {
    const userId = uuidOf('user_id', request.userId);
    const { lines, next = '' } = await read(userId, queryOf(request), request);
    return { page: toMessage({ lines: JSON.parse(`[${lines}]`) as Line[], nextPageToken: next }) };
  });
  return { outcomes };
}
