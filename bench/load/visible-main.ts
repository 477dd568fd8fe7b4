import { setTimeout as pause } from 'node:timers/promises';
import { Histogram } from '../measure/histogram.js';
import { answer, nextMessage, receiveOrder } from '../stage/child.js';
import { Connection } from './connection.js';
import type { LoadOrder } from './order.js';
import { Numbers, readSenders, request, type Sender } from './requests.js';
import type { VisibleResult } from './visible.js';

/** So long nothing happens between two uploads, in milliseconds: each finds the service idle. */
const IDLE_MS = 20;
const GIVE_UP_MS = 5_000;

/** One upload after another, each followed by looks at the balance until the points are there. */
const order = await receiveOrder<LoadOrder>();
const senders = readSenders(order.users);
const numbers = new Numbers(order.prefix);
const connection = await Connection.open(order.url);
const [uploads, visible] = [new Histogram(), new Histogram()];
const failures: Record<string, number> = {};

answer({ ready: true });
await nextMessage();
const cpu = process.cpuUsage();
const began = performance.now();
const end = began + order.seconds * 1_000;
for (let i = 0; performance.now() < end; i++) {
  const sender = senders[i % senders.length];
  if (sender) await story(sender);
  await pause(IDLE_MS);
}
const seconds = (performance.now() - began) / 1_000;
const { user, system } = process.cpuUsage(cpu);
answer({
  seconds,
  uploads: uploads.buckets,
  visible: visible.buckets,
  failures,
  cpuSeconds: (user + system) / 1e6,
} satisfies VisibleResult);

async function story(sender: Sender): Promise<void> {
  const failure = await attempt(sender);
  if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1;
}

/** @returns what went wrong, if anything did. */
async function attempt(sender: Sender): Promise<string | undefined> {
  const look = request('balance', sender, numbers);
  const before = await connection.send(look, true);
  const since = performance.now();
  const { status } = await connection.send(request('upload', sender, numbers));
  uploads.record(microseconds(since));
  if (status !== 202) return `status ${status} to an upload`;
  for (;;) {
    const { status: read, body } = await connection.send(look, true);
    if (read !== 200) return `status ${read} to a look at the balance`;
    if (body !== before.body) break;
    if (performance.now() - since > GIVE_UP_MS) return `no points within ${GIVE_UP_MS} ms`;
  }
  visible.record(microseconds(since));
  return undefined;
}

function microseconds(since: number): number {
  return Math.round((performance.now() - since) * 1_000);
}
