import { setTimeout as pause } from 'node:timers/promises';

/** Waits, but not beyond the end of the attack. */
export async function rest(ms: number, until: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal: until }).catch(() => undefined);
}
