import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** Somebody asked this process to end. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
    this.exitCode = EXIT_CODES[signal];
  }
}

/**
 * Runs `action` with an AbortSignal that aborts, with {@link Interrupted}, when this process is
 * asked to end.
 */
export async function interruptibly(action) {
  const controller = new AbortController();
  const interrupt = (signal) => controller.abort(new Interrupted(signal));
  for (const signal of Object.keys(EXIT_CODES)) process.on(signal, interrupt);
  try {
    return await action(controller.signal);
  } catch (error) {
    throw controller.signal.reason ?? error;
  } finally {
    for (const signal of Object.keys(EXIT_CODES)) process.off(signal, interrupt);
  }
}

/**
 * Runs `action` in one process at a time; others wait, and `onWait` says so every five seconds. A
 * process that is gone keeps nobody out, unless it has left a child behind that inherited the
 * descriptor which `action` gets: an orphaned `npm ci` and a second one have been seen at work on
 * one node_modules.
 */
export async function exclusively(folder, interruption, action, onWait) {
  // Where there are no sources there is nothing to prepare, and this is not reached.
  const { claimFolder } = await import('../../src/embedded-postgres/claim.mjs');
  mkdirSync(folder, { recursive: true });
  for (let sayAt = 0; ;) {
    const { claim, rival } = await claimFolder(folder);
    if (claim) {
      try {
        return await action(claim.descriptor);
      } finally {
        await claim.withdraw();
      }
    }
    if (Date.now() >= sayAt) {
      onWait(rival);
      sayAt = Date.now() + 5_000;
    }
    await sleep(randomInt(50, 300), undefined, { signal: interruption });
  }
}

/**
 * Runs a program as one step of the preparations and says every few seconds that it still does. An
 * interruption is handed on, and the step waited for: an `npm ci` that outlives us would work
 * against the next one.
 *
 * The program inherits the descriptor that keeps others out, so that it keeps them out even when it
 * outlives us after all.
 *
 * Everything goes to stderr: stdout belongs to what is prepared (`npm test -- --json`).
 */
export async function runStep(title, command, args, { cwd, interruption, descriptor }) {
  interruption.throwIfAborted();
  console.error(`${title} …`);
  const started = Date.now();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 2, 2, descriptor] });
  const progress = setInterval(
    () => console.error(`  … ${Math.round((Date.now() - started) / 1000)} s`),
    5_000,
  );
  const hand = () => {
    child.kill(interruption.reason.signal);
    setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
  };
  interruption.addEventListener('abort', hand);
  try {
    const outcome = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? signal));
    });
    interruption.throwIfAborted();
    if (outcome !== 0) throw new Error(`${title}: failed (${outcome}), see above`);
  } finally {
    clearInterval(progress);
    interruption.removeEventListener('abort', hand);
  }
}
