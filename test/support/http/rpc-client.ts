import { join } from 'node:path';
import {
  type CallOptions,
  type Client,
  type ClientDuplexStream,
  ChannelCredentials,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO = join(import.meta.dirname, '../../../proto');

export const RPC_SECRET = 'the secret of all processes';

/** A client that has nothing but the `.proto` files. */
export class RpcClient {
  private constructor(private readonly client: Client) {}

  /** @param service such as `orders.proto/OrderCommands`. */
  static of(port: number, service: string, tls?: ChannelCredentials): RpcClient {
    return RpcClient.at(`localhost:${port}`, service, tls);
  }

  static at(address: string, service: string, tls?: ChannelCredentials): RpcClient {
    const [file = '', name = ''] = service.split('/');
    const { gophermart } = loadPackageDefinition(
      loadSync(`gophermart/v1/${file}`, { includeDirs: [PROTO], enums: String, oneofs: true }),
    );
    const { v1 } = gophermart as GrpcObject;
    const Service = (v1 as GrpcObject)[name] as ServiceClientConstructor;
    return new RpcClient(
      new Service(address, tls ?? credentials.createInsecure(), {
        'grpc.max_send_message_length': -1,
        'grpc.enable_retries': 0,
      }),
    );
  }

  /** One answer. @throws ServiceError */
  call<Answer>(
    method: string,
    request: object,
    { secret = RPC_SECRET, ...options }: CallOptions & { readonly secret?: string } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) =>
      this.#method(method)(
        request,
        shown(secret),
        options,
        (error: ServiceError | null, answer: Answer) => (error ? reject(error) : resolve(answer)),
      ),
    );
  }

  /** A call in which both sides send messages. */
  dialog<Sent, Received>(method: string, secret = RPC_SECRET): ClientDuplexStream<Sent, Received> {
    return this.#method(method)(shown(secret)) as ClientDuplexStream<Sent, Received>;
  }

  close(): void {
    this.client.close();
  }

  #method(name: string): (...given: unknown[]) => unknown {
    const methods = this.client as unknown as Record<string, (...given: unknown[]) => unknown>;
    const method = methods[name];
    if (!method) throw new Error(`there is no ${name}`);
    return method.bind(this.client);
  }
}

function shown(secret: string): Metadata {
  const metadata = new Metadata();
  if (secret !== '') metadata.set('authorization', `Bearer ${secret}`);
  return metadata;
}
