import type { GroupCommit } from '../../kernel/application/group-commit.js';
import type { JsonPage } from '../../kernel/application/ports.js';
import { gathered, PageCalls } from '../../platform/rpc/gathered-calls.js';
import type { RpcClient } from '../../platform/rpc/rpc-client.js';
import type { RpcErrors, RpcOutcome } from '../../platform/rpc/rpc-errors.js';
import { outcomesFrom, pageOf } from '../../platform/rpc/rpc-lists.js';
import { type OrderLine, OrderQueries } from '../application/ports.js';
import type { Upload } from '../application/upload-orders.js';
import type { UploadResult } from '../domain/order.js';
import { type OrdersPageMessage, RESULTS, type UploadMessage } from './orders.rpc.js';

function resultOf(name: string): UploadResult {
  if (name === RESULTS.accepted) return 'accepted';
  if (name === RESULTS['already-uploaded']) return 'already-uploaded';
  throw new Error(`the result of an upload is unknown: ${name}`);
}

/** `UploadCommits`, where billing is another process: what is gathered is one call. */
export function uploadsAt(
  billing: RpcClient,
  errors: RpcErrors,
): GroupCommit<Upload, UploadResult> {
  return gathered(async (list) => {
    const uploads = list.map(({ id, userId, number }): UploadMessage => ({
      id,
      userId,
      number: number.value,
    }));
    const { outcomes } = await billing.call<{ outcomes: RpcOutcome<{ result: string }>[] }>(
      'orders.proto/OrderCommands',
      'UploadOrders',
      { uploads },
    );
    return outcomesFrom(outcomes, errors, 'result', resultOf);
  });
}

/** Asks another process. */
export class RemoteOrderQueries extends OrderQueries {
  readonly #pages: PageCalls<OrdersPageMessage>;

  constructor(reader: RpcClient, errors: RpcErrors) {
    super();
    this.#pages = new PageCalls(async (pages) => {
      const { outcomes } = await reader.call<{
        outcomes: RpcOutcome<{ page: OrdersPageMessage }>[];
      }>('orders.proto/OrderQueries', 'ListOrders', { pages });
      return outcomesFrom(outcomes, errors, 'page', (page) => page);
    });
  }

  async page(userId: string, after?: string): Promise<JsonPage<OrderLine>> {
    const { orders, nextPageToken } = await this.#pages.page(userId, after);
    const lines = orders.map(({ number, status, accrual, uploadedAt }): OrderLine => ({
      number,
      status: status.replace('ORDER_STATUS_', '') as OrderLine['status'],
      ...(accrual !== undefined && { accrual: Number(accrual) }),
      uploaded_at: uploadedAt,
    }));
    return pageOf({ lines, nextPageToken });
  }
}
