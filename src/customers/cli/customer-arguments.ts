import { validate as isUuid } from 'uuid';
import type { Given } from '../../platform/cli/command-line.js';
import type { CustomerName } from '../application/ports.js';

export const ID = ['--id [uuid]', 'the customer’s id, instead of the login'] as const;
export const REASON = [
  '--reason [text]',
  'why; the customer may read it, so it names nobody: up to 1 000 characters',
] as const;
export const NOTE = [
  '--note [text]',
  'what other operators should know; it stays in the journal',
] as const;

/** Of a reason or a note, in characters. */
export const LONGEST_TEXT = 1_000;

/** Who is meant: `--id`, or else the first operand. `more` operands follow. */
export function customerOf(
  { operands, values: { id }, problems }: Given,
  command: string,
  more = 0,
): { readonly name: CustomerName; readonly others: readonly string[] } {
  const [login, ...behind] = id === undefined ? operands : ['', ...operands];
  if (id !== undefined && !isUuid(id)) problems.push(`--id must be a UUID, not "${id}"`);
  if (id === undefined && !login) problems.push('a login is missing, or --id');
  const excess = behind.slice(more).map((each) => `"${each}" does not go with ${command}`);
  problems.push(...excess);
  return {
    name: id === undefined ? { login: login ?? '' } : { id: id.toLowerCase() },
    others: behind,
  };
}
