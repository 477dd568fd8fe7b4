import { setTimeout as pause } from 'node:timers/promises';
import type { Findings } from '../findings.js';
import type { Assignment } from '../part.js';
import type { Random } from './random.js';

/** In which the next disturbance is not expected yet, in milliseconds. */
const GAP_MS = [200, 1_500] as const;

/** By their names. Each resolves when what was broken works again. */
export type Disturbances<Scene> = Readonly<Record<string, (scene: Scene) => Promise<void>>>;

/** Every kind once in random order, and again, until the time is over; each kind comes once. */
export async function disturbInRounds<Scene extends { readonly random: Random }>(
  { seconds, stopping, say }: Assignment,
  findings: Findings,
  scene: Scene,
  disturbances: Disturbances<Scene>,
): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  const draws = scene.random.fork('schedule');
  const isOver = (round: number): boolean =>
    stopping.aborted || findings.areBad || (round > 1 && Date.now() > deadline);
  for (let round = 1; !isOver(round); round++) {
    for (const kind of draws.shuffled(Object.keys(disturbances))) {
      if (isOver(round)) return;
      say(`${kind}; ${findings.of('uploads accepted')} uploads accepted`);
      await pause(draws.integer(...GAP_MS));
      findings.tally('disturbances', kind);
      const random = scene.random.fork(`${kind} ${round}`);
      await disturbances[kind]?.({ ...scene, random });
    }
  }
}
