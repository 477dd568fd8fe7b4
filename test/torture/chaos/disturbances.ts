import { setTimeout as sleep } from 'node:timers/promises';
import type { Cut } from '../../support/http/tcp-proxy.js';
import type { Findings } from '../findings.js';
import type { Random } from '../support/random.js';
import { OUTAGES } from '../support/accrual-answers.js';
import type { Deployment, Replica } from '../support/deployment.js';

export interface Context {
  readonly deployment: Deployment;
  readonly findings: Findings;
  /** All that this disturbance draws. */
  readonly random: Random;
  /** Aborted when the user stops the run. */
  readonly stopping: AbortSignal;
}

/** Resolves when what was broken works again; rejects when the user stops the run. */
type Disturbance = (context: Context) => Promise<void> | void;

/** The other replicas are to find expired leases, and to serve the clients that retry. */
const DISTURBED_AT_ONCE = 2;

/** Cuts that find no COMMIT within this time are given up. */
const CUT_WITHIN_MS = 2_000;

const pause = (ms: number, { stopping }: Context): Promise<void> =>
  sleep(ms, undefined, { signal: stopping });

/** Everything that is done to the service, besides what its clients and the accrual system do. */
const DISTURBANCES = {
  'kill -9': (context) =>
    onReplica(context, async (replica) => {
      await replica.service.end('SIGKILL');
      await pause(context.random.integer(0, 1_500), context);
      await context.deployment.bringUp(replica);
    }),
  'short SIGSTOP': (context) => stopAndGoOn(1_000, 2_500, context),
  'SIGSTOP beyond the lease': (context) => stopAndGoOn(3_500, 8_000, context),
  SIGTERM: (context) =>
    onReplica(context, async (replica) => {
      await context.deployment.stopGracefully(replica);
      await context.deployment.bringUp(replica);
    }),
  'database crash': async ({ deployment: { database }, random }) => {
    await database.crash();
    // Not for ever without a database, whatever the user wants: the run ends by asking it.
    await sleep(random.integer(0, 1_000));
    await database.restart();
  },
  'COMMIT not delivered': (context) => cutCommits('undelivered', context),
  'COMMIT not answered': (context) => cutCommits('unanswered', context),
  'all connections broken': ({ deployment }) => deployment.proxy.breakAll(),
  'database out of reach': async (context) => {
    const { proxy } = context.deployment;
    proxy.goDown();
    await pause(context.random.integer(300, 2_000), context).finally(() => proxy.comeBack());
  },
  'slow network': async (context) => {
    const { proxy } = context.deployment;
    proxy.delayMs = context.random.integer(5, 100);
    await pause(context.random.integer(1_000, 3_000), context).finally(() => (proxy.delayMs = 0));
  },
  'accrual outage': async (context) => {
    const { accrual } = context.deployment;
    accrual.beginOutage(context.random.pick(OUTAGES));
    await pause(context.random.integer(500, 3_500), context).finally(() => accrual.endOutage());
  },
  'accrual limit': ({ deployment, random }) =>
    deployment.accrual.limitFor(random.integer(50, 1_500), random.fork('limit')),
} satisfies Record<string, Disturbance>;

export type Kind = keyof typeof DISTURBANCES;

export const KINDS = Object.keys(DISTURBANCES) as Kind[];

/** From one disturbance to the next, in milliseconds: some overlap, others leave time to work. */
const GAP_MS = [200, 2_800] as const;

/** So many milliseconds before the end the last one begins: the longest pause takes 8 s. */
const LAST_MS = 5_000;

export interface Disturbing extends Context {
  readonly seconds: number;
  /** Aborted when the time of disturbances is cut short. */
  readonly over: AbortSignal;
  /** Told of each disturbance when it begins. */
  readonly began: (kind: Kind) => void;
}

/**
 * Every kind once in random order, and again: 60 s hold each three times. Resolves when the last
 * one is over, and what it broke works again.
 */
export async function disturb({ seconds, began, over, ...context }: Disturbing): Promise<void> {
  const start = Date.now();
  const underWay = new Map<Kind, Promise<void>>();
  const failures: unknown[] = [];
  const draws = context.random.fork('schedule');
  let kinds: Kind[] = [];
  for (let atMs = 500; atMs <= seconds * 1_000 - LAST_MS; atMs += draws.integer(...GAP_MS)) {
    if (kinds.length === 0) kinds = draws.shuffled(KINDS);
    const kind = kinds.pop() as Kind;
    const waitMs = Math.max(0, start + atMs - Date.now());
    await sleep(waitMs, undefined, { signal: over }).catch(() => undefined);
    // Two of a kind at once would end each other: a database that is down cannot crash.
    await underWay.get(kind);
    if (over.aborted) break;
    began(kind);
    context.findings.tally('disturbances', kind);
    const random = context.random.fork(`disturbance at ${atMs}`);
    const disturbance = async (): Promise<void> => DISTURBANCES[kind]({ ...context, random });
    underWay.set(
      kind,
      disturbance().catch((error: unknown) => void failures.push(error)),
    );
  }
  await Promise.all(underWay.values());
  if (failures.length > 0 && !context.stopping.aborted)
    throw new Error('a disturbance failed', { cause: failures[0] });
}

async function onReplica(
  context: Context,
  disturbOne: (replica: Replica) => Promise<void>,
): Promise<void> {
  const { replicas } = context.deployment;
  const draw = context.random.fraction();
  for (;;) {
    const free = replicas.filter(({ isDisturbed }) => !isDisturbed);
    const replica = free[Math.floor(draw * free.length)];
    if (replica && replicas.length - free.length < DISTURBED_AT_ONCE) {
      replica.isDisturbed = true;
      return disturbOne(replica).finally(() => (replica.isDisturbed = false));
    }
    await pause(50, context);
  }
}

/** A paused process keeps its sockets and its locks, and goes on as if nothing had happened. */
function stopAndGoOn(fromMs: number, toMs: number, context: Context): Promise<void> {
  return onReplica(context, async ({ service }) => {
    service.signal('SIGSTOP');
    const ms = context.random.integer(fromMs, toMs);
    await pause(ms, context).finally(() => service.signal('SIGCONT'));
  });
}

async function cutCommits(cut: Cut, context: Context): Promise<void> {
  const { proxy } = context.deployment;
  while (proxy.cutsLeft > 0) await pause(20, context);
  const wanted = context.random.integer(2, 8);
  proxy.cutNext(...Array.from({ length: wanted }, () => cut));
  const deadline = Date.now() + CUT_WITHIN_MS;
  while (proxy.cutsLeft > 0 && Date.now() < deadline) await pause(20, context);
  context.findings.tally('COMMITs cut', cut, wanted - proxy.cutsLeft);
  proxy.cutNext();
}
