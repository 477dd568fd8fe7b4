import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const PROGRAM = join(import.meta.dirname, '../../../dist/src/service/operator/reconcile.js');

export interface ProgramRun {
  readonly exitCode: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
  readonly seconds: number;
}

/** The built `npm run reconcile` as a process of its own. */
export async function runProgram(uri: string, stopping: AbortSignal): Promise<ProgramRun> {
  const began = performance.now();
  const child = spawn(process.execPath, [PROGRAM, '-d', uri], {
    // Nothing of the user's own settings, and no .env of theirs either.
    env: { PATH: process.env['PATH'] },
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): boolean => child.kill();
  stopping.addEventListener('abort', stop);
  const [output, errors] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  stopping.removeEventListener('abort', stop);
  const seconds = (performance.now() - began) / 1_000;
  return { exitCode: child.exitCode, lines: output.split('\n').slice(0, -1), errors, seconds };
}
