import { HttpService } from '@nestjs/axios';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/application/ports.js';
import { percentDecoded } from '../../kernel/application/address.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import { AccrualGateway, CashbackMetrics, RequestAborted } from '../application/ports.js';
import { CashbackSettings } from '../cashback.settings.js';
import type { AccrualReply } from '../domain/task.js';
import { type RawReply, readRegistration, readReply } from './accrual-protocol.js';
import { forgetUnusedDefaults } from './undici-axios-adapter.js';

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

  async request(number: OrderNumber): Promise<AccrualReply> {
    const startedMs = this.clock.monotonicMs();
    const controller = new AbortController();
    this.#inFlight.add(controller);
    try {
      const reply = await this.get(number, controller.signal);
      this.metrics.replied(reply.kind, (this.clock.monotonicMs() - startedMs) / 1_000);
      return reply;
    } finally {
      this.#inFlight.delete(controller);
    }
  }

  abortAll(): void {
    this.#inFlight.forEach((controller) => controller.abort());
  }

  private async get(number: OrderNumber, signal: AbortSignal): Promise<AccrualReply> {
    // One for both requests: a lease outlives it, and must outlive the registration, too.
    const deadlineMs = this.clock.monotonicMs() + this.settings.timeoutMs;
    try {
      const ofOrder = `${this.#orders}/${number.value}`;
      const reply = await this.send({ method: 'get', url: ofOrder }, deadlineMs, signal);
      const read = readReply(number, reply, this.clock.now().getTime());
      if (read.kind !== 'unknown' || !this.settings.register) return read;
      const data = JSON.stringify({ order: number.value, goods: [] });
      const registration = { method: 'post', url: this.#orders, data } as const;
      const registered = await this.send(registration, deadlineMs, signal);
      return readRegistration(registered, this.clock.now().getTime());
    } catch (error) {
      if (signal.aborted) throw new RequestAborted('the service stops', { cause: error });
      return { kind: 'fault', reason: reasonOf(error) };
    }
  }

  private async send(
    request: { readonly method: 'get' | 'post'; readonly url: string; readonly data?: string },
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<RawReply> {
    const type = request.data === undefined ? {} : { 'content-type': 'application/json' };
    const { status, data, headers } = await this.http.axiosRef.request<string>({
      ...request,
      headers: { ...this.#headers, ...type },
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

/**
 * Without the address, which stands in the messages of the system and of undici: an event passes
 * the reason on to others. undici's own errors carry the socket's error as their cause.
 */
function reasonOf(error: unknown): string {
  const { message, code, syscall, cause } = error as NodeJS.ErrnoException & {
    readonly cause?: { readonly message?: string };
  };
  if (code !== undefined && syscall !== undefined) return `${syscall} ${code}`;
  const text = (message || cause?.message)?.replace(/ \(attempted address.*/, '');
  return [code, text].filter(Boolean).join(': ') || 'no answer';
}

/**
 * User and password are taken out of the address, so that no message about a request can have them,
 * and are sent as Basic authentication (RFC 7617).
 */
function withoutCredentials(address: string): { base: string; authorization?: string } {
  const base = address.replace(/^(https?:\/\/)[^/\\?#]*@/i, '$1');
  const { username, password } = new URL(base === address ? 'http://none' : address);
  if (username === '' && password === '') return { base };
  const pair = `${percentDecoded(username)}:${percentDecoded(password)}`;
  return { base, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
