import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../support/random.js';
import { DISTURBANCES, type Kind, KINDS, type Scene } from './disturbances.js';

/** When a disturbance begins, in milliseconds from the start of the storm. */
export interface Entry {
  readonly atMs: number;
  readonly kind: Kind;
}

/**
 * From one disturbance to the next, in milliseconds: some overlap, and the service gets some work
 * done between others.
 */
const GAP_MS = [200, 2_800] as const;

/** The last seconds of a storm are left to those under way: the longest pause takes 8 s. */
const LAST_MS = 5_000;

/**
 * Every kind once in random order, and again, until the time is over: 60 s hold each three times.
 */
export function schedule(random: Random, seconds: number): Entry[] {
  const entries: Entry[] = [];
  let kinds: Kind[] = [];
  for (let atMs = 500; atMs <= seconds * 1_000 - LAST_MS; atMs += random.integer(...GAP_MS)) {
    if (kinds.length === 0) kinds = random.shuffled(KINDS);
    entries.push({ atMs, kind: kinds.pop() as Kind });
  }
  return entries;
}

export interface Disturbing extends Scene {
  /** Aborted when the storm is cut short. */
  readonly over: AbortSignal;
  /** Told of each disturbance when it begins. */
  readonly began: (kind: Kind) => void;
}

/**
 * Carries the schedule out; resolves when the last disturbance is over, and what it broke works
 * again.
 */
export async function disturb(
  entries: readonly Entry[],
  { began, over, ...scene }: Disturbing,
): Promise<void> {
  const start = Date.now();
  const underWay = new Map<Kind, Promise<void>>();
  const failures: unknown[] = [];
  const attempt = async (kind: Kind, own: Scene): Promise<void> => {
    try {
      await DISTURBANCES[kind](own);
    } catch (error) {
      failures.push(error);
    }
  };
  for (const [i, { atMs, kind }] of entries.entries()) {
    await sleep(Math.max(0, start + atMs - Date.now()), undefined, { signal: over }).catch(
      () => undefined,
    );
    // Two of a kind at once would end each other: a database that is down cannot crash.
    await underWay.get(kind);
    if (over.aborted) break;
    began(kind);
    scene.findings.count(`disturbance: ${kind}`);
    underWay.set(kind, attempt(kind, { ...scene, random: scene.random.fork(`disturbance ${i}`) }));
  }
  await Promise.all(underWay.values());
  if (failures.length > 0 && !scene.stopping.aborted)
    throw new Error('a disturbance failed', { cause: failures[0] });
}
