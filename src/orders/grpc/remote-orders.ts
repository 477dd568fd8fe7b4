import type { GroupCommit } from '../../kernel/application/batches/group-commit.js';
import type { JsonPage, JsonText, ListQuery } from '../../kernel/application/json-lists.js';
import { gathered, PageCalls } from '../../platform/grpc/gathered-calls.js';
import type { RpcClient } from '../../platform/grpc/rpc-client.js';
import type { RpcErrors, RpcOutcome } from '../../platform/grpc/rpc-errors.js';
import { outcomesFrom, pageOf, pageRequest } from '../../platform/grpc/rpc-lists.js';
import { type OrderDetail, type OrderLine, OrderQueries } from '../application/ports.js';
import type { Upload } from '../application/upload-orders.js';
import type { OrderStatus, UploadResult } from '../domain/order.js';
import {
  type OrderDetailMessage,
  type OrderMessage,
  type OrderRequest,
  type OrdersPageMessage,
  type OrdersPageRequest,
  RESULTS,
  STATUS,
  type UploadMessage,
  type UploadReply,
  type UploadRequest,
} from './orders.rpc.js';

function resultOf(name: string): UploadResult {
  if (name === RESULTS.accepted) return 'accepted';
  if (name === RESULTS['already-uploaded']) return 'already-uploaded';
  throw new Error(`the result of an upload is unknown: ${name}`);
}

/** `UploadCommits`, where billing is another process: what is gathered is one batch. */
export function uploadsAt(
  billing: RpcClient,
  errors: RpcErrors,
): GroupCommit<Upload, UploadResult> {
  return gathered(async (batch) => {
    const uploads = batch.map(({ id, userId, number, trace }): UploadMessage => ({
      id,
      userId,
      number: number.value,
      traceparent: trace?.toString(),
    }));
    const commands: UploadRequest = { uploads };
    const { outcomes } = await billing.exchange<UploadReply>({ kind: 'uploads', commands });
    return outcomesFrom(outcomes, errors, 'result', resultOf);
  });
}

/** Asks another process. */
export class RemoteOrderQueries extends OrderQueries {
  readonly #pages: PageCalls<OrdersPageMessage, OrdersPageRequest>;
  readonly #details: GroupCommit<OrderRequest, JsonText<OrderDetail>>;

  constructor(reader: RpcClient, errors: RpcErrors) {
    super();
    this.#pages = new PageCalls(async (pages) => {
      const { outcomes } = await reader.call<{
        outcomes: RpcOutcome<{ page: OrdersPageMessage }>[];
      }>('orders.proto/OrderQueries', 'ListOrders', { pages });
      return outcomesFrom(outcomes, errors, 'page', (page) => page);
    });
    this.#details = gathered(async (orders) => {
      const { outcomes } = await reader.call<{
        outcomes: RpcOutcome<{ detail: OrderDetailMessage }>[];
      }>('orders.proto/OrderQueries', 'GetOrders', { orders });
      return outcomesFrom(outcomes, errors, 'detail', detailOf);
    });
  }

  async page(userId: string, query: ListQuery<OrderStatus>): Promise<JsonPage<OrderLine>> {
    const statuses = (query.only ?? []).map((status) => `${STATUS}${status}`);
    const request = { ...pageRequest(userId, query), statuses };
    const { orders, nextPageToken } = await this.#pages.page(request);
    return pageOf({ lines: orders.map(lineOf), nextPageToken });
  }

  protected find(userId: string, number: string): Promise<JsonText<OrderDetail>> {
    return this.#details.submit({ userId, number });
  }
}

function lineOf({ number, status, accrual, uploadedAt }: OrderMessage): OrderLine {
  return {
    number,
    status: statusOf(status),
    ...(accrual !== undefined && { accrual: Number(accrual) }),
    uploaded_at: uploadedAt,
  };
}

function detailOf({ order, history }: OrderDetailMessage): JsonText<OrderDetail> {
  const steps = history.map(({ status, at }) => ({ status: statusOf(status), at }));
  return JSON.stringify({ ...lineOf(order), history: steps } satisfies OrderDetail);
}

function statusOf(name: string): OrderStatus {
  return name.replace(STATUS, '') as OrderStatus;
}
