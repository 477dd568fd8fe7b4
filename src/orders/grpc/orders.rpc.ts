import { Injectable, type OnModuleInit } from '@nestjs/common';
import { KnownUsers } from '../../auth/index.js';
import type { JsonPage, ListQuery } from '../../kernel/application/json-lists.js';
import { DomainError, UserMissing } from '../../kernel/domain/domain-error.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { Trace } from '../../kernel/domain/trace.js';
import { RpcErrors, type RpcOutcome } from '../../platform/grpc/rpc-errors.js';
import {
  assertOneOfEach,
  idOf,
  kindsOf,
  outcomesOf,
  type PageRequest,
  pagesOf,
  type ReadPage,
  uuidOf,
} from '../../platform/grpc/rpc-lists.js';
import { RpcServer } from '../../platform/grpc/rpc-server.js';
import { type OrderDetail, type OrderLine, OrderQueries } from '../application/ports.js';
import { type Upload, UploadCommits } from '../application/upload-orders.js';
import { ORDER_STATUSES, type UploadResult } from '../domain/order.js';

// Messages of proto/gophermart/v1/orders.proto.

export interface UploadMessage {
  readonly id: string;
  readonly userId: string;
  readonly number: string;
  readonly traceparent?: string | undefined;
}

export interface UploadRequest {
  readonly uploads: readonly UploadMessage[];
}

export interface UploadReply {
  readonly outcomes: RpcOutcome<{ readonly result: string }>[];
}

export interface OrderMessage {
  readonly number: string;
  readonly status: string;
  readonly accrual?: string;
  readonly uploadedAt: string;
}

export interface OrdersPageRequest extends PageRequest {
  readonly statuses: readonly string[];
}

export interface OrdersPageMessage {
  readonly orders: readonly OrderMessage[];
  readonly nextPageToken: string;
}

export interface OrderRequest {
  readonly userId: string;
  readonly number: string;
}

export interface OrderDetailMessage {
  readonly order: OrderMessage;
  readonly history: readonly { readonly status: string; readonly at: string }[];
}

/** Before the names of statuses in messages. */
export const STATUS = 'ORDER_STATUS_';

export const RESULTS: Readonly<Record<UploadResult, string>> = {
  accepted: 'UPLOAD_RESULT_ACCEPTED',
  'already-uploaded': 'UPLOAD_RESULT_ALREADY_UPLOADED',
};

@Injectable()
export class OrderCommandsRpc implements OnModuleInit {
  constructor(
    private readonly server: RpcServer,
    private readonly errors: RpcErrors,
    private readonly uploads: UploadCommits,
    private readonly users: KnownUsers,
  ) {}

  onModuleInit(): void {
    const upload = (request: UploadRequest): Promise<UploadReply> => this.#upload(request);
    this.server.add('orders.proto/OrderCommands', { UploadOrders: upload });
    this.server.addBatches('uploads', upload);
  }

  async #upload({ uploads }: UploadRequest): Promise<UploadReply> {
    assertOneOfEach(uploads.map(({ id }) => id));
    const outcomes = await outcomesOf(uploads, this.errors, async (message) => {
      const upload = {
        id: idOf(message.id),
        userId: uuidOf('user_id', message.userId),
        number: OrderNumber.parse(message.number),
        trace: Trace.read(message.traceparent),
      };
      return { result: RESULTS[await this.#submit(upload, uploads)] };
    });
    return { outcomes };
  }

  /** That a user is gone comes before all other refusals, as by HTTP. */
  async #submit(upload: Upload, together: object): Promise<UploadResult> {
    try {
      return await this.uploads.submit(upload, together);
    } catch (error) {
      const isRefused = error instanceof DomainError && !(error instanceof UserMissing);
      if (isRefused && !(await this.users.has(upload.userId))) throw new UserMissing();
      throw error;
    }
  }
}

@Injectable()
export class OrderQueriesRpc implements OnModuleInit {
  constructor(
    private readonly server: RpcServer,
    private readonly errors: RpcErrors,
    private readonly queries: OrderQueries,
  ) {}

  onModuleInit(): void {
    this.server.add('orders.proto/OrderQueries', {
      ListOrders: ({ pages }: { pages: readonly OrdersPageRequest[] }) =>
        pagesOf(pages, this.errors, this.#page, toMessage),
      GetOrders: async ({ orders }: { orders: readonly OrderRequest[] }) => ({
        outcomes: await outcomesOf(orders, this.errors, async ({ userId, number }) => {
          const detail = await this.queries.detail(uuidOf('user_id', userId), number);
          return { detail: detailMessage(JSON.parse(detail) as OrderDetail) };
        }),
      }),
    });
  }

  readonly #page = (
    userId: string,
    query: ListQuery,
    { statuses }: OrdersPageRequest,
  ): Promise<JsonPage<OrderLine>> =>
    this.queries.page(userId, { ...query, only: kindsOf(STATUS, statuses, ORDER_STATUSES) });
}

function toMessage({ lines, nextPageToken }: ReadPage<OrderLine>): OrdersPageMessage {
  return { orders: lines.map(orderMessage), nextPageToken };
}

function orderMessage({ number, status, accrual, uploaded_at }: OrderLine): OrderMessage {
  return {
    number,
    status: `${STATUS}${status}`,
    uploadedAt: uploaded_at,
    ...(accrual !== undefined && { accrual: accrual.toFixed(2) }),
  };
}

function detailMessage({ history, ...line }: OrderDetail): OrderDetailMessage {
  return {
    order: orderMessage(line),
    history: history.map(({ status, at }) => ({ status: `${STATUS}${status}`, at })),
  };
}
