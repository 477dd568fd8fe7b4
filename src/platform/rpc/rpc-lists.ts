import { validate as isUuid } from 'uuid';
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

/** @throws MalformedCall */
export function uuidOf(what: string, text: string): string {
  if (isUuid(text)) return text;
  throw new MalformedCall(`${what} must be a UUID`);
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
  if (commands.length > MAX_COMMANDS)
    throw new MalformedCall(`a call takes at most ${MAX_COMMANDS} commands`);
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
