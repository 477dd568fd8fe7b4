import { Injectable, type OnModuleInit } from '@nestjs/common';
import { KnownUsers } from '../../auth/index.js';
import { DomainError, UserMissing } from '../../kernel/domain/domain-error.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { RpcErrors, type RpcOutcome } from '../../platform/rpc/rpc-errors.js';
import {
  assertOneOfEach,
  idOf,
  outcomesOf,
  type PageRequest,
  pagesOf,
  type ReadPage,
  uuidOf,
} from '../../platform/rpc/rpc-lists.js';
import { RpcServer } from '../../platform/rpc/rpc-server.js';
import { type OrderLine, OrderQueries } from '../application/ports.js';
import { type Upload, UploadCommits } from '../application/upload-orders.js';
import type { UploadResult } from '../domain/order.js';

// Messages of proto/gophermart/v1/orders.proto.

export interface UploadMessage {
  readonly id: string;
  readonly userId: string;
  readonly number: string;
}

export interface OrdersPageMessage {
  readonly orders: readonly {
    readonly number: string;
    readonly status: string;
    readonly accrual?: string;
    readonly uploadedAt: string;
  }[];
  readonly nextPageToken: string;
}

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
    this.server.add('orders.proto/OrderCommands', {
      answers: {
        UploadOrders: async ({ uploads }: { uploads: readonly UploadMessage[] }) => ({
          outcomes: await this.#upload(uploads),
        }),
      },
    });
  }

  #upload(uploads: readonly UploadMessage[]): Promise<RpcOutcome<{ result: string }>[]> {
    assertOneOfEach(uploads.map(({ id }) => id));
    return outcomesOf(uploads, this.errors, async ({ id, userId, number }) => {
      const upload = {
        id: idOf(id),
        userId: uuidOf('user_id', userId),
        number: OrderNumber.parse(number),
      };
      return { result: RESULTS[await this.#submit(upload)] };
    });
  }

  /** That a user is gone comes before all other refusals, as by HTTP. */
  async #submit(upload: Upload): Promise<UploadResult> {
    try {
      return await this.uploads.submit(upload);
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
      answers: {
        ListOrders: ({ pages }: { pages: readonly PageRequest[] }) =>
          pagesOf(
            pages,
            this.errors,
            (userId, after) => this.queries.page(userId, after),
            toMessage,
          ),
      },
    });
  }
}

function toMessage({ lines, nextPageToken }: ReadPage<OrderLine>): OrdersPageMessage {
  const orders = lines.map(({ number, status, accrual, uploaded_at }) => ({
    number,
    status: `ORDER_STATUS_${status}`,
    uploadedAt: uploaded_at,
    ...(accrual !== undefined && { accrual: accrual.toFixed(2) }),
  }));
  return { orders, nextPageToken };
}
