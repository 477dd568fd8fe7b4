import type { IncomingHttpHeaders } from 'node:http';
import axios, {
  AxiosHeaders,
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { Agent, type Dispatcher } from 'undici';

/** The reply has more bytes than `maxContentLength`. */
export class ReplyTooLarge extends Error {
  override readonly name = 'ReplyTooLarge';
}

/**
 * Lets axios speak through undici: 14–17k requests a second where Node's http gives it 2.4–4.5k.
 *
 * Knows what a GET needs: url, headers, `signal`, `timeout` (milliseconds, for the whole reply) and
 * `maxContentLength` (bytes); never follows a redirect and never unpacks, so that a reply costs
 * what it weighs.
 */
export function undiciAdapter(connections: number): AxiosAdapter {
  const dispatcher = new Agent({ connections, pipelining: 1, keepAliveTimeout: 30_000 });
  return (config) =>
    new Promise((resolve, reject) => {
      const { origin, pathname, search } = new URL(axios.getUri(config));
      const headers = { ...config.headers.toJSON(), 'accept-encoding': 'identity' } as Record<
        string,
        string
      >;
      dispatcher.dispatch(
        { origin, path: pathname + search, method: 'GET', headers },
        new Exchange(config, resolve, reject),
      );
    });
}

/**
 * Takes off what a GET never uses, headers of other methods foremost: axios merges all of its
 * defaults into every request, for 10 of its 28 µs.
 */
export function forgetUnusedDefaults({ defaults }: AxiosInstance): void {
  defaults.headers = { common: defaults.headers.common } as typeof defaults.headers;
  delete defaults.transitional;
  delete defaults.env;
}

/**
 * One question and its reply, of which no more is kept than it may weigh. A stream for each, as
 * undici's `request` makes it, costs 15 µs more.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #chunks: Buffer[] = [];
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #givenUp: Error | undefined;
  #size = 0;
  #status = 0;
  #headers: IncomingHttpHeaders = {};

  constructor(
    private readonly config: InternalAxiosRequestConfig,
    private readonly resolve: (response: AxiosResponse<string>) => void,
    private readonly reject: (error: Error) => void,
  ) {
    const { timeout = 0, signal } = config;
    this.#timer = setTimeout(
      () => this.#giveUp(new Error(`no reply within ${timeout} ms`)),
      timeout,
    );
    signal?.addEventListener?.('abort', this.#onAbort);
    if (signal?.aborted) this.#onAbort();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#givenUp) controller.abort(this.#givenUp);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const limit = this.config.maxContentLength ?? Infinity;
    this.#size += chunk.length;
    if (this.#size > limit) this.#giveUp(new ReplyTooLarge(`the reply exceeds ${limit} bytes`));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#cease();
    this.resolve({
      data: Buffer.concat(this.#chunks).toString('utf8'),
      status: this.#status,
      statusText: '',
      headers: AxiosHeaders.from(this.#headers as never),
      config: this.config,
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#cease();
    this.reject(error);
  }

  readonly #onAbort = (): void => this.#giveUp(new Error('the question was given up'));

  /** Also while the connection is still being opened, before undici has begun with it. */
  #giveUp(reason: Error): void {
    this.#givenUp = reason;
    this.#cease();
    this.reject(reason);
    this.#controller?.abort(reason);
  }

  #cease(): void {
    clearTimeout(this.#timer);
    this.config.signal?.removeEventListener?.('abort', this.#onAbort);
  }
}
