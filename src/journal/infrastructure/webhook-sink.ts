import { HttpService } from '@nestjs/axios';
import { Injectable } from '@nestjs/common';
import type { AxiosRequestConfig } from 'axios';
import { Webhook } from 'standardwebhooks';
import { Clock } from '../../kernel/application/ports.js';
import { failureOf, withoutCredentials } from '../../platform/http/outgoing/requests.js';
import { readRetryAfter } from '../../platform/http/outgoing/retry-after.js';
import {
  forgetUnusedDefaults,
  undiciAdapter,
} from '../../platform/http/outgoing/undici-axios-adapter.js';
import {
  type EventConnection,
  EventSink,
  EventsRefused,
  SinkStopped,
} from '../application/sink-ports.js';
import { cloudEventOf, type JournalEvent, LANES } from '../domain/journal-event.js';
import { WebhookSettings } from '../webhook.settings.js';

/** A receiver that says nothing for so long has failed, in milliseconds. */
const TIMEOUT_MS = 15_000;

/** Of a reply's body, which says nothing to us. */
const MAX_REPLY_BYTES = 16_384;

/** A connection that still brings the rest of a reply does not hold its lane up. */
const CONNECTIONS = 2 * LANES;

/** Of the requests to the receiver. A redirect is a failure: it is never followed. */
export function webhookRequests(): AxiosRequestConfig {
  return {
    adapter: undiciAdapter(CONNECTIONS, 'head'),
    timeout: TIMEOUT_MS,
    maxContentLength: MAX_REPLY_BYTES,
    responseType: 'text',
    transformRequest: [],
    transformResponse: [],
    validateStatus: null,
  };
}

/** CloudEvents tells its receivers by this type that the body is an event (ADR 0046). */
const CONTENT_TYPE = 'application/cloudevents+json';

const GONE = 410;

/**
 * Posts each event to the receiver, signed as the Standard Webhooks specification has it. There is
 * no connection to keep: whatever goes wrong is a failure of one request.
 */
@Injectable()
export class WebhookSink extends EventSink {
  readonly name = 'webhooks';
  readonly takesAll = false;
  override readonly isByUser = true;

  constructor(
    private readonly settings: WebhookSettings,
    private readonly http: HttpService,
    private readonly clock: Clock,
  ) {
    super();
    forgetUnusedDefaults(http.axiosRef);
  }

  connect(): Promise<EventConnection> {
    const { url = '', secret = '' } = this.settings;
    return Promise.resolve(new Receiver(url, new Webhook(secret), this.http, this.clock));
  }
}

class Receiver implements EventConnection {
  readonly closed: Promise<Error>;
  #resolveClosed: (reason: Error) => void = () => undefined;
  #isClosed = false;
  readonly #inFlight = new Set<AbortController>();
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    address: string,
    private readonly signer: Webhook,
    private readonly http: HttpService,
    private readonly clock: Clock,
  ) {
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    const { base, authorization } = withoutCredentials(address);
    this.#url = base;
    this.#headers = {
      'content-type': CONTENT_TYPE,
      'user-agent': 'gophermart',
      ...(authorization !== undefined && { authorization }),
    };
  }

  hasReceiver(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async publish(events: readonly JournalEvent[]): Promise<void> {
    for (const event of events) await this.#post(event);
  }

  reached(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const controller of this.#inFlight) controller.abort();
    this.#resolveClosed(new Error('the process has given up the receiver'));
    return Promise.resolve();
  }

  async #post(event: JournalEvent): Promise<void> {
    const { status, retryAfterMs } = await this.#statusOf(event);
    if (status >= 200 && status < 300) return;
    if (status === GONE) throw new SinkStopped('the receiver has answered 410 Gone');
    const remark = status < 400 ? ', and redirects are not followed' : '';
    throw new EventsRefused(`status ${status}${remark}`, retryAfterMs);
  }

  async #statusOf(event: JournalEvent): Promise<{ status: number; retryAfterMs?: number }> {
    const controller = new AbortController();
    if (this.#isClosed) controller.abort();
    this.#inFlight.add(controller);
    try {
      const { status, headers } = await this.http.axiosRef.request<string>({
        method: 'post',
        url: this.#url,
        ...this.#signed(event),
        signal: controller.signal,
      });
      const [after, date] = [headers['retry-after'] as unknown, headers['date'] as unknown];
      const retryAfterMs = readRetryAfter(this.clock.now().getTime(), textOf(after), textOf(date));
      return { status, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    } catch (error) {
      if (this.#isClosed) throw error;
      throw new EventsRefused(failureOf(error));
    } finally {
      this.#inFlight.delete(controller);
    }
  }

  /** Anew for each try, for the time of the try is part of what is signed. */
  #signed(event: JournalEvent): { data: string; headers: Record<string, string> } {
    const data = cloudEventOf(event);
    const [id, now] = [String(event.position), this.clock.now()];
    return {
      data,
      headers: {
        ...this.#headers,
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': this.signer.sign(id, now, data),
      },
    };
  }
}

function textOf(header: unknown): string {
  return typeof header === 'string' ? header : '';
}
