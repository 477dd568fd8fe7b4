import { setTimeout as sleep } from 'node:timers/promises';
import type { Cut } from '../../support/http/tcp-proxy.js';
import type { Random } from '../support/random.js';
import { OUTAGES, PAUSES } from './accrual/lies.js';
import type { Findings } from './findings.js';
import type { Player, Stage } from './stage.js';

export interface Scene {
  readonly stage: Stage;
  readonly findings: Findings;
  /** All that this disturbance draws. */
  readonly random: Random;
  /** Aborted when the user stops the run. */
  readonly stopping: AbortSignal;
}

/**
 * Resolves when what was broken works again; rejects with an AbortError when the user stops the
 * run.
 */
type Disturbance = (scene: Scene) => Promise<void> | void;

/**
 * Replicas that are disturbed at once; the others are to find their expired leases, and to serve
 * the clients that retry.
 */
const DISTURBED_AT_ONCE = 2;

/** Cuts that find no COMMIT within this time, in milliseconds, are given up. */
const CUT_WITHIN_MS = 2_000;

const pause = (ms: number, { stopping }: Scene): Promise<void> =>
  sleep(ms, undefined, { signal: stopping });

/** Everything that is done to the service, besides what its clients and the accrual system do. */
export const DISTURBANCES = {
  'kill -9': (scene) =>
    onReplica(scene, async (player) => {
      await player.replica.end('SIGKILL');
      await pause(scene.random.integer(0, 1_500), scene);
      await scene.stage.bringUp(player);
    }),
  'short SIGSTOP': (scene) =>
    onReplica(scene, (player) => stopAndGoOn(player, scene.random.integer(1_000, 2_500), scene)),
  'SIGSTOP beyond the lease': (scene) =>
    onReplica(scene, (player) => stopAndGoOn(player, scene.random.integer(3_500, 8_000), scene)),
  SIGTERM: (scene) =>
    onReplica(scene, async (player) => {
      await scene.stage.stopGracefully(player);
      await scene.stage.bringUp(player);
    }),
  'database crash': async (scene) => {
    const { database } = scene.stage;
    await database.crash();
    // Not for ever without a database, whatever the user wants: the run ends by asking it.
    await sleep(scene.random.integer(0, 1_000));
    await database.restart();
  },
  'COMMIT not delivered': (scene) => cutCommits('undelivered', scene),
  'COMMIT not answered': (scene) => cutCommits('unanswered', scene),
  'all connections broken': ({ stage }) => stage.proxy.breakAll(),
  'database out of reach': async (scene) => {
    scene.stage.proxy.goDown();
    await pause(scene.random.integer(300, 2_000), scene).finally(() =>
      scene.stage.proxy.comeBack(),
    );
  },
  'slow network': async (scene) => {
    scene.stage.proxy.delayMs = scene.random.integer(5, 100);
    await pause(scene.random.integer(1_000, 3_000), scene).finally(
      () => (scene.stage.proxy.delayMs = 0),
    );
  },
  'accrual outage': async (scene) => {
    scene.stage.accrual.beginOutage(scene.random.pick(OUTAGES));
    await pause(scene.random.integer(500, 3_500), scene).finally(() =>
      scene.stage.accrual.endOutage(),
    );
  },
  'accrual limit': ({ stage, random }) =>
    stage.accrual.limitFor(random.integer(50, 1_500), random.pick(PAUSES), random.integer(0, 99)),
} satisfies Record<string, Disturbance>;

export type Kind = keyof typeof DISTURBANCES;

export const KINDS = Object.keys(DISTURBANCES) as Kind[];

async function onReplica(scene: Scene, disturb: (player: Player) => Promise<void>): Promise<void> {
  const { stage, random } = scene;
  const draw = random.fraction();
  for (;;) {
    const free = stage.players.filter(({ isDisturbed }) => !isDisturbed);
    const player = free[Math.floor(draw * free.length)];
    if (player && stage.players.length - free.length < DISTURBED_AT_ONCE) {
      player.isDisturbed = true;
      return disturb(player).finally(() => (player.isDisturbed = false));
    }
    await pause(50, scene);
  }
}

/** A paused process keeps its sockets and its locks, and goes on as if nothing had happened. */
async function stopAndGoOn({ replica }: Player, ms: number, scene: Scene): Promise<void> {
  replica.signal('SIGSTOP');
  await pause(ms, scene).finally(() => replica.signal('SIGCONT'));
}

async function cutCommits(cut: Cut, scene: Scene): Promise<void> {
  const { proxy } = scene.stage;
  while (proxy.cutsLeft > 0) await pause(20, scene);
  const wanted = scene.random.integer(2, 8);
  proxy.cutNext(...Array.from({ length: wanted }, () => cut));
  const deadline = Date.now() + CUT_WITHIN_MS;
  while (proxy.cutsLeft > 0 && Date.now() < deadline) await pause(20, scene);
  scene.findings.count(`COMMITs cut: ${cut}`, wanted - proxy.cutsLeft);
  proxy.cutNext();
}
