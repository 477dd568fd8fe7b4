import { randomBytes } from 'node:crypto';
import { HttpService } from '@nestjs/axios';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/application/ports.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { Trace } from '../../kernel/domain/trace.js';
import { failureOf, withoutCredentials } from '../../platform/http/outgoing/requests.js';
import { forgetUnusedDefaults } from '../../platform/http/outgoing/undici-axios-adapter.js';
import { AccrualGateway, CashbackMetrics, RequestAborted } from '../application/ports.js';
import { CashbackSettings } from '../cashback.settings.js';
import type { AccrualReply } from '../domain/task.js';
import { type RawReply, readRegistration, readReply } from './accrual-protocol.js';

/** What the requests for one order have in common. */
interface Exchange {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly trace: Trace | undefined;
}

/** `GET {address}/api/orders/{number}`; and `POST {address}/api/orders` with `ACCRUAL_REGISTER`. */
@Injectable()
export class HttpAccrualGateway extends AccrualGateway {
  readonly #inFlight = new Set<AbortController>();
  readonly #orders: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    private readonly http: HttpService,
    private readonly settings: CashbackSettings,
    private readonly metrics: CashbackMetrics,
    private readonly clock: Clock,
  ) {
    super();
    const { base, authorization } = withoutCredentials(settings.accrualAddress);
    this.#orders = `${base}/api/orders`;
    this.#headers = authorization === undefined ? {} : { authorization };
    forgetUnusedDefaults(http.axiosRef);
  }

  async request(number: OrderNumber, trace?: Trace): Promise<AccrualReply> {
    const startedMs = this.clock.monotonicMs();
    const controller = new AbortController();
    this.#inFlight.add(controller);
    try {
      const reply = await this.get(number, controller.signal, trace);
      this.metrics.replied(reply.kind, (this.clock.monotonicMs() - startedMs) / 1_000);
      return reply;
    } finally {
      this.#inFlight.delete(controller);
    }
  }

  abortAll(): void {
    this.#inFlight.forEach((controller) => controller.abort());
  }

  private async get(
    number: OrderNumber,
    signal: AbortSignal,
    trace: Trace | undefined,
  ): Promise<AccrualReply> {
    // One for both requests: a lease outlives it, and must outlive the registration, too.
    const deadlineMs = this.clock.monotonicMs() + this.settings.timeoutMs;
    const exchange = { deadlineMs, signal, trace };
    try {
      const ofOrder = `${this.#orders}/${number.value}`;
      const reply = await this.send({ method: 'get', url: ofOrder }, exchange);
      const read = readReply(number, reply, this.clock.now().getTime());
      if (read.kind !== 'unknown' || !this.settings.register) return read;
      const data = JSON.stringify({ order: number.value, goods: [] });
      const registration = { method: 'post', url: this.#orders, data } as const;
      const registered = await this.send(registration, exchange);
      return readRegistration(registered, this.clock.now().getTime());
    } catch (error) {
      if (signal.aborted) throw new RequestAborted('the service stops', { cause: error });
      return { kind: 'fault', reason: failureOf(error) };
    }
  }

  private async send(
    request: { readonly method: 'get' | 'post'; readonly url: string; readonly data?: string },
    { deadlineMs, signal, trace }: Exchange,
  ): Promise<RawReply> {
    const type = request.data === undefined ? {} : { 'content-type': 'application/json' };
    const span = trace && { traceparent: trace.from(randomBytes(8).toString('hex')).toString() };
    const { status, data, headers } = await this.http.axiosRef.request<string>({
      ...request,
      headers: { ...this.#headers, ...type, ...span },
      signal,
      timeout: Math.max(1, Math.ceil(deadlineMs - this.clock.monotonicMs())),
    });
    const header = (name: string): string | undefined => {
      const value: unknown = headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    return { status, body: data, retryAfter: header('retry-after'), date: header('date') };
  }
}
