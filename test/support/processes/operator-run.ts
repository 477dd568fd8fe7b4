import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
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
  name: 'queue' | 'reconcile' | 'simulator',
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

/**
 * The packages and the project's own files that a command loads, as V8 notes them for measuring
 * coverage.
 */
export async function loadedBy(
  name: Parameters<typeof operate>[0],
  args: readonly string[],
): Promise<{ packages: string[]; files: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-loaded-'));
  try {
    await operate(name, args, { NODE_V8_COVERAGE: folder });
    const urls = readdirSync(folder)
      .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Coverage)
      .flatMap(({ result }) => result.map(({ url }) => url))
      .filter((url) => url.startsWith('file:'));
    const packages = urls.flatMap(
      (url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [],
    );
    const files = urls.filter((url) => !url.includes('/node_modules/')).map((url) => basename(url));
    return { packages: [...new Set(packages)], files };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}
