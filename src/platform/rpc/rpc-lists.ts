import { MAX, NIL, validate as isUuid } from 'uuid';
import type { JsonList } from '../../kernel/application/ports.js';
import { DomainError } from '../../kernel/domain/domain-error.js';
import type { RpcErrors, RpcOutcome } from './rpc-errors.js';

/** Commands of one call, at most. */
const MAX_COMMANDS = 1_000;

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
  if (isUuid(text) && text !== NIL && text !== MAX) return text.toLowerCase();
  throw new MalformedCall(`${what} must be a UUID`);
}

/** The ids of a call's commands: an id names one command. @throws MalformedCall */
export function assertOneOfEach(ids: readonly string[]): void {
  assertCount(ids);
  if (new Set(ids.map((id) => id.toLowerCase())).size < ids.length)
    throw new MalformedCall('two commands of the call have the same id');
}

/** @throws MalformedCall */
export function assertCount(commands: readonly unknown[]): void {
  if (commands.length > MAX_COMMANDS)
    throw new MalformedCall(`a call takes at most ${MAX_COMMANDS} commands`);
}

/**
 * What became of each command of a call, in their order; one that is refused touches no other.
 *
 * @throws MalformedCall where there are too many.
 */
export async function outcomesOf<Command, Value extends object>(
  commands: readonly Command[],
  errors: RpcErrors,
  handle: (command: Command) => Promise<Value>,
): Promise<RpcOutcome<Value>[]> {
  assertCount(commands);
  return Promise.all(
    commands.map(async (command): Promise<RpcOutcome<Value>> => {
      try {
        return await handle(command);
      } catch (error) {
        return { refusal: errors.refusalOf(error) };
      }
    }),
  );
}

/** The lines of a list, piece by piece as they are read. */
export async function* pagesOf<Line>(list: JsonList<Line>): AsyncGenerator<readonly Line[]> {
  if (list.isEmpty) return;
  for await (const piece of typeof list.text === 'string' ? [list.text] : list.text) {
    const lines = piece.replace(/^[[,]/, '').replace(/\]$/, '');
    if (lines !== '') yield JSON.parse(`[${lines}]`) as Line[];
  }
}
