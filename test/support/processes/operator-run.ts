import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface OperatorRun {
  readonly code: number | null;
  /** The lines of stdout. */
  readonly lines: readonly string[];
  readonly errors: string;
}

/**
 * An operator's command as a process, as `npm run <name> -- <args>` starts it, half a second of
 * npm's own apart.
 *
 * @param env is all that the process sees of the environment, besides what finds programs.
 */
export async function operate(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<OperatorRun> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [`scripts/${name}.mjs`, ...args], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode, lines: output.split('\n').slice(0, -1), errors };
}
