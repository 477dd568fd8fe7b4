import { setTimeout as pause } from 'node:timers/promises';
import { Histogram } from '../../test/support/processes/histogram.js';
import { Connection } from './connection.js';
import { generate, Tally } from './measured.js';
import { type LoadOrder, Numbers, requestKinds } from './requests.js';

/** Milliseconds between two uploads: each finds the service idle. */
const IDLE_MS = 20;
const GIVE_UP_MS = 5_000;

/**
 * One upload after another, each followed by looks at the balance until the points are there. Both
 * clocks start when the upload is sent.
 */
const [visible, uploads] = [new Histogram(), new Histogram()];
const tally = new Tally([visible, uploads]);
await generate(tally, async (order: LoadOrder) => {
  const { url, prefix, seconds, users } = order;
  const connection = await Connection.open(url);
  const [looks, [upload]] = [
    requestKinds({ call: 'balance', users })[0]?.heads ?? [],
    requestKinds({ call: 'upload', users }),
  ];
  const numbers = new Numbers(prefix);
  /** @returns what went wrong, if anything did. */
  const attempt = async (look: string, head: string): Promise<string | undefined> => {
    const before = await connection.send(look, true);
    const since = performance.now();
    const { status } = await connection.send(head + (upload?.body?.(numbers.next()) ?? ''));
    uploads.recordSince(since);
    if (status !== 202) return `status ${status} to an upload`;
    for (;;) {
      const { status: read, body } = await connection.send(look, true);
      if (read !== 200) return `status ${read} to a look at the balance`;
      if (body !== before.body) break;
      if (performance.now() - since > GIVE_UP_MS) return `no points within ${GIVE_UP_MS} ms`;
    }
    visible.recordSince(since);
    return undefined;
  };
  return async (began) => {
    for (let i = 0; performance.now() < began + seconds * 1_000; i++) {
      const user = i % looks.length;
      const failure = await attempt(looks[user] ?? '', upload?.heads[user] ?? '');
      if (failure !== undefined) tally.fail(failure);
      await pause(IDLE_MS);
    }
  };
});
