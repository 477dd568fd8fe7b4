import {
  Channel,
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { service as HEALTH } from 'grpc-health-check';

/** So many processes of an address are asked: one that serves is enough. */
const ASKED = 3;

/**
 * Asks an address of one or more processes for their health.
 *
 * Not by the channel of other calls: between these nobody knows which process is next, and where
 * one of two is about to stop, all calls could come to that one.
 */
export class RpcHealth {
  readonly #channel: Channel;
  readonly #client: Client;
  #asking: Promise<string | undefined> | undefined;

  /**
   * The channel has the connections of others with this address and these options.
   *
   * @param service the full name of the one whose health counts.
   * @param sentence what to say of a call that failed; undefined: of a process that is not ready.
   */
  constructor(
    address: string,
    credentials: ChannelCredentials,
    options: ChannelOptions,
    private readonly metadata: Metadata,
    private readonly service: string,
    private readonly sentence: (error?: ServiceError) => string,
  ) {
    this.#channel = new Channel(address, credentials, options);
    this.#client = new Client('', credentials, { channelOverride: this.#channel });
  }

  /** Why no process can be used now; undefined: one can. */
  obstacle(): Promise<string | undefined> {
    return (this.#asking ??= this.#ask().finally(() => (this.#asking = undefined)));
  }

  close(): void {
    this.#channel.close();
  }

  async #ask(): Promise<string | undefined> {
    try {
      await Promise.any(Array.from({ length: ASKED }, () => this.#askNext()));
      return undefined;
    } catch (error) {
      return ((error as AggregateError).errors[0] as Error).message;
    }
  }

  #askNext(): Promise<void> {
    const { path, requestSerialize, responseDeserialize } = HEALTH['Check'] as never as {
      readonly path: string;
      readonly requestSerialize: (request: object) => Buffer;
      readonly responseDeserialize: (bytes: Buffer) => { readonly status: string };
    };
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { service: this.service },
        this.metadata,
        (error, answer) => {
          if (answer?.status === 'SERVING') resolve();
          else reject(new Error(this.sentence(error ?? undefined)));
        },
      );
    });
  }
}
