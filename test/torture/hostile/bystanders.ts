import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { by, type Member, read } from '../../support/http/client.js';
import { send } from '../../support/http/raw-http.js';
import { Histogram } from '../../support/processes/histogram.js';
import type { Findings } from '../findings.js';

/** Waits, but not beyond the end of the attack. */
export async function rest(ms: number, until: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal: until }).catch(() => undefined);
}

const EVERY_MS = 100;

/** The reads that measure an idle service. */
const IDLE_READS = 50;

/**
 * The slowest 1 % may take so many times an idle read's median: what a customer would call an
 * outage. Measured are 15 to 75 times as much beside the attackers.
 */
const TIMES_IDLE = 400;

/** Somebody who only reads the balance, whatever goes on. */
export class Bystander {
  /** The median of an idle service, in milliseconds. */
  #idleMs = NaN;

  constructor(
    private readonly url: string,
    private readonly member: Member,
    private readonly findings: Findings,
  ) {}

  /** To be called before the attack. */
  async seeIdle(): Promise<void> {
    const idle = new Histogram();
    for (let i = 0; i < IDLE_READS; i++) await this.#read(idle);
    this.#idleMs = idle.percentile(50);
  }

  /** Ten times a second. @returns the facts. */
  async goOn(until: AbortSignal): Promise<Record<string, number>> {
    const latencies = new Histogram();
    const underWay = new Set<Promise<void>>();
    while (!until.aborted) {
      // The next one does not wait for this one: a service that hangs for a second delays ten.
      const call = this.#read(latencies).finally(() => underWay.delete(call));
      underWay.add(call);
      await rest(EVERY_MS, until);
    }
    await Promise.all(underWay);
    const ms = (percent: number): number => Math.round(latencies.percentile(percent));
    const bound = Math.round(TIMES_IDLE * this.#idleMs);
    if (ms(99) >= bound)
      this.findings.violation('a bystander waits', `p99 is ${ms(99)} ms, not below ${bound} ms`);
    return {
      'reads of a bystander': latencies.count,
      'their p50, ms': ms(50),
      'their p99, ms': ms(99),
      'the slowest, ms': ms(100),
      'an idle read, p50, ms': Math.round(this.#idleMs),
    };
  }

  async #read(latencies: Histogram): Promise<void> {
    const began = performance.now();
    const { line, headers } = by(this.member.token, read('balance'));
    try {
      const { status, text } = await send(this.url, line, { headers });
      if (status !== 200 || text !== '{"current":0,"withdrawn":0}')
        this.findings.violation('a bystander is not served', `${status} ${text}`);
    } catch (error) {
      this.findings.violation('a bystander is not served', (error as Error).message);
    }
    latencies.recordSince(began);
  }
}

/** Enough to fill a pool that counts idle sockets, not enough to be a flood. */
const SLOW_CLIENTS = 40;
const A_BYTE_EVERY_MS = 500;

/** Clients that never finish a header, or a body, a byte at a time; others must not notice. */
export async function sendSlowly(
  port: number,
  { token }: Member,
  until: AbortSignal,
): Promise<void> {
  const head =
    'POST /api/user/orders HTTP/1.1\r\nHost: x\r\n' +
    `Authorization: Bearer ${token}\r\nContent-Type: text/plain\r\n`;
  const sockets = Array.from({ length: SLOW_CLIENTS }, (_, i) => {
    const socket = connect({ port, host: '127.0.0.1' });
    // The service may end them when its patience does.
    socket.on('error', () => undefined);
    socket.write(i % 2 === 0 ? `${head}X-Slow: ` : `${head}Content-Length: 1000\r\n\r\n1`);
    return socket;
  });
  while (!until.aborted) {
    await rest(A_BYTE_EVERY_MS, until);
    for (const socket of sockets) if (socket.writable) socket.write('1');
  }
  for (const socket of sockets) socket.destroy();
}
