import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until `condition` holds; it is asked again and again.
 *
 * @param what is waited for; the error names it.
 * @throws Error after `withinMs` milliseconds.
 */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const began = Date.now();
  while (!(await condition())) {
    const ms = Date.now() - began;
    if (ms > withinMs) throw new Error(`${what}: not within ${withinMs} ms`);
    // What takes long may need this core.
    await (ms < 50 ? turn() : pause(2));
  }
}
