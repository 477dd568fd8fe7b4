import { HttpService } from '@nestjs/axios';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/application/ports.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import { AccrualGateway, CashbackMetrics, RequestAborted } from '../application/ports.js';
import { CashbackSettings } from '../cashback.settings.js';
import type { AccrualReply } from '../domain/task.js';
import { readReply } from './accrual-protocol.js';
import { forgetUnusedDefaults } from './undici-axios-adapter.js';

/** `GET {address}/api/orders/{number}`. */
@Injectable()
export class HttpAccrualGateway extends AccrualGateway {
  readonly #inFlight = new Set<AbortController>();

  constructor(
    private readonly http: HttpService,
    private readonly settings: CashbackSettings,
    private readonly metrics: CashbackMetrics,
    private readonly clock: Clock,
  ) {
    super();
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
    try {
      const { status, data, headers } = await this.http.axiosRef.get<string>(
        `${this.settings.accrualAddress}/api/orders/${number.value}`,
        {
          signal,
          timeout: this.settings.timeoutMs,
        },
      );
      const header = (name: string): string | undefined => {
        const value: unknown = headers[name];
        return typeof value === 'string' ? value : undefined;
      };
      return readReply(
        number,
        { status, body: data, retryAfter: header('retry-after'), date: header('date') },
        this.clock.now().getTime(),
      );
    } catch (error) {
      if (signal.aborted) throw new RequestAborted('the service stops', { cause: error });
      return { kind: 'fault', reason: reasonOf(error) };
    }
  }
}

/** undici's own errors carry the socket's error as their cause. */
function reasonOf(error: unknown): string {
  const { message, code, cause } = error as Error & { code?: string; cause?: { message?: string } };
  return [code, message || cause?.message].filter(Boolean).join(': ') || 'no answer';
}
