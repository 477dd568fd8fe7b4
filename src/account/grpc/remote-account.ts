import type { GroupCommit, Outcome } from '../../kernel/application/batches/group-commit.js';
import { refreshAll } from '../../kernel/application/caller.js';
import type { JsonPage, JsonText, ListQuery } from '../../kernel/application/json-lists.js';
import { gathered, PageCalls } from '../../platform/grpc/gathered-calls.js';
import type { RpcClient } from '../../platform/grpc/rpc-client.js';
import type { RpcErrors, RpcOutcome } from '../../platform/grpc/rpc-errors.js';
import { outcomesFrom, pageOf, pageRequest } from '../../platform/grpc/rpc-lists.js';
import {
  AccountQueries,
  type Balance,
  type EntryLine,
  type WithdrawalLine,
} from '../application/ports.js';
import type { Withdrawal } from '../application/withdraw-points.js';
import type { EntryKind } from '../domain/account.js';
import {
  type BalanceMessage,
  type EntriesPageMessage,
  type EntriesPageRequest,
  KIND,
  type PastBalanceRequest,
  type WithdrawalsPageMessage,
} from './account-queries.rpc.js';
import type { WithdrawReply, WithdrawRequest } from './account.rpc.js';

/**
 * `WithdrawalCommits`, where billing is another process: what is gathered is one batch, about
 * which billing asks who has left.
 */
export function withdrawalsAt(
  billing: RpcClient,
  errors: RpcErrors,
): GroupCommit<Withdrawal, void> {
  return gathered(async (batch, isAwaited) => {
    const withdrawals = batch.map(({ id, userId, orderNumber, sum, trace }) => ({
      id,
      userId,
      order: orderNumber.value,
      sum: sum.toString(),
      traceparent: trace?.toString(),
    }));
    const callers = batch.map(({ caller }) => caller);
    const whoHasLeft = async (): Promise<number[]> => {
      await refreshAll(callers);
      // Who was told that it takes too long is not there any more, either.
      return callers.flatMap(({ isDisconnected }, place) =>
        isDisconnected || !isAwaited(place) ? [place] : [],
      );
    };
    const commands: WithdrawRequest = { withdrawals };
    const { outcomes } = await billing.exchange<WithdrawReply>({
      kind: 'withdrawals',
      commands,
      whoHasLeft,
    });
    return outcomesFrom(outcomes, errors, 'withdrawn', (): void => undefined);
  });
}

type BalanceText = JsonText<Balance>;

/** Asks another process. */
export class RemoteAccountQueries extends AccountQueries {
  readonly #balances: GroupCommit<string, BalanceText>;
  readonly #pastBalances: GroupCommit<PastBalanceRequest, BalanceText>;
  readonly #withdrawals: PageCalls<WithdrawalsPageMessage>;
  readonly #entries: PageCalls<EntriesPageMessage, EntriesPageRequest>;

  constructor(reader: RpcClient, errors: RpcErrors) {
    super();
    const balancesBy = async (method: string, request: object): Promise<Outcome<BalanceText>[]> => {
      const { outcomes } = await reader.call<{
        outcomes: RpcOutcome<{ balance: BalanceMessage }>[];
      }>('account.proto/AccountQueries', method, request);
      return outcomesFrom(outcomes, errors, 'balance', jsonOf);
    };
    this.#balances = gathered((userIds) => balancesBy('GetBalances', { userIds }));
    this.#pastBalances = gathered((balances) => balancesBy('GetPastBalances', { balances }));
    this.#withdrawals = new PageCalls(async (pages) => {
      const { outcomes } = await reader.call<{
        outcomes: RpcOutcome<{ page: WithdrawalsPageMessage }>[];
      }>('account.proto/AccountQueries', 'ListWithdrawals', { pages });
      return outcomesFrom(outcomes, errors, 'page', (page) => page);
    });
    this.#entries = new PageCalls(async (pages) => {
      const { outcomes } = await reader.call<{
        outcomes: RpcOutcome<{ page: EntriesPageMessage }>[];
      }>('account.proto/AccountQueries', 'ListLedgerEntries', { pages });
      return outcomesFrom(outcomes, errors, 'page', (page) => page);
    });
  }

  balance(userId: string, at?: number): Promise<JsonText<Balance>> {
    return at === undefined
      ? this.#balances.submit(userId)
      : this.#pastBalances.submit({ userId, at: new Date(at).toISOString() });
  }

  async withdrawalsPage(userId: string, query: ListQuery): Promise<JsonPage<WithdrawalLine>> {
    const { withdrawals, nextPageToken } = await this.#withdrawals.page(pageRequest(userId, query));
    const lines = withdrawals.map(({ order, sum, processedAt, reversedAt }): WithdrawalLine => ({
      order,
      sum: Number(sum),
      processed_at: processedAt,
      ...(reversedAt !== undefined && { reversed_at: reversedAt }),
    }));
    return pageOf({ lines, nextPageToken });
  }

  async historyPage(userId: string, query: ListQuery<EntryKind>): Promise<JsonPage<EntryLine>> {
    const kinds = (query.only ?? []).map((kind) => `${KIND}${kind}`);
    const request = { ...pageRequest(userId, query), kinds };
    const { entries, nextPageToken } = await this.#entries.page(request);
    const lines = entries.map((entry): EntryLine => ({
      id: entry.id,
      kind: entry.kind.replace(KIND, '') as EntryKind,
      ...(entry.order !== undefined && { order: entry.order }),
      amount: Number(entry.amount),
      balance_after: Number(entry.balanceAfter),
      at: entry.at,
      ...(entry.reason !== undefined && { reason: entry.reason }),
    }));
    return pageOf({ lines, nextPageToken });
  }
}

/** Without a detour by doubles: what was withdrawn may have more digits than they hold. */
function jsonOf({ current, withdrawn }: BalanceMessage): JsonText<Balance> {
  return `{"current":${shortest(current)},"withdrawn":${shortest(withdrawn)}}`;
}

/** A sum of two decimals as JSON is written: `500`, `500.5`. */
function shortest(sum: string): string {
  return sum.replace(/\.?0{1,2}$/, '');
}
