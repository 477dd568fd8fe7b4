import { MAX, NIL, validate as isUuid } from 'uuid';
import type { Outcome } from '../../kernel/application/group-commit.js';
import type { JsonPage } from '../../kernel/application/ports.js';
import { DomainError } from '../../kernel/domain/domain-error.js';
import type { RpcErrors, RpcOutcome } from './rpc-errors.js';

/** Commands of one call, at most. */
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
  toValue: (answer: Answer) => Value,
): Outcome<Value>[] {
  return outcomes.map((each) => {
    if ('refusal' in each) return { broken: errors.errorOf(each.refusal) };
    try {
      if (!(member in each)) throw new Error('an outcome is neither known nor a refusal');
      return { value: toValue(each[member]) };
    } catch (error) {
      return { broken: error as Error };
    }
  });
}

/** The page that another process has read, with the lines that its message has. */
export function pageOf<Line>({ lines, nextPageToken }: ReadPage<Line>): JsonPage<Line> {
  return {
    lines: JSON.stringify(lines).slice(1, -1),
    next: nextPageToken === '' ? undefined : nextPageToken,
  };
}

/** What is asked of a list. */
export interface PageRequest {
  readonly userId: string;
  readonly pageToken: string;
}

/** A page that was read, with lines as messages have them. */
export interface ReadPage<Line> {
  readonly lines: readonly Line[];
  readonly nextPageToken: string;
}

/**
 * Pages of lists. `toMessage` makes of a page what its message has.
 *
 * @throws MalformedCall where there are too many.
 */
export async function pagesOf<Line, Message extends object>(
  pages: readonly PageRequest[],
  errors: RpcErrors,
  read: (userId: string, after?: string) => Promise<JsonPage<Line>>,
  toMessage: (page: ReadPage<Line>) => Message,
): Promise<{ outcomes: RpcOutcome<{ page: Message }>[] }> {
  assertCount(pages, MAX_PAGES);
  const outcomes = await outcomesOf(pages, errors, async ({ userId, pageToken }) => {
    const id = uuidOf('user_id', userId);
    const { lines, next = '' } = await (pageToken === '' ? read(id) : read(id, pageToken));
    return { page: toMessage({ lines: JSON.parse(`[${lines}]`) as Line[], nextPageToken: next }) };
  });
  return { outcomes };
}
