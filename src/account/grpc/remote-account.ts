import { refreshAll } from '../../kernel/application/caller.js';
import type { GroupCommit } from '../../kernel/application/group-commit.js';
import type { JsonPage, JsonText } from '../../kernel/application/ports.js';
import { gathered, PageCalls } from '../../platform/rpc/gathered-calls.js';
import type { RpcClient } from '../../platform/rpc/rpc-client.js';
import type { RpcErrors, RpcOutcome } from '../../platform/rpc/rpc-errors.js';
import { outcomesFrom, pageOf } from '../../platform/rpc/rpc-lists.js';
import { AccountQueries, type Balance, type WithdrawalLine } from '../application/ports.js';
import type { Withdrawal } from '../application/withdraw-points.js';
import type {
  BalanceMessage,
  ForCallersReply,
  ForCallersRequest,
  WithdrawalsPageMessage,
} from './account.rpc.js';

/**
 * `WithdrawalCommits`, where billing is another process: what is gathered is one call, in which
 * billing asks who has left.
 */
export function withdrawalsAt(
  billing: RpcClient,
  errors: RpcErrors,
): GroupCommit<Withdrawal, void> {
  return gathered(async (list, isAwaited) => {
    const withdrawals = list.map(({ id, userId, orderNumber, sum }) => ({
      id,
      userId,
      order: orderNumber.value,
      sum: sum.toString(),
    }));
    const callers = list.map(({ caller }) => caller);
    const whoHasLeft = async (): Promise<ForCallersRequest> => {
      await refreshAll(callers);
      // Who was told that it takes too long is not there any more, either.
      const places = callers.flatMap(({ isDisconnected }, place) =>
        isDisconnected || !isAwaited(place) ? [place] : [],
      );
      return { answer: { withdrawals: places } };
    };
    const { reply } = await billing.dialog<ForCallersRequest, ForCallersReply>(
      'account.proto/AccountCommands',
      'WithdrawPointsForCallers',
      { request: { withdrawals } },
      ({ question }) => question && whoHasLeft(),
    );
    return outcomesFrom(reply?.outcomes ?? [], errors, 'withdrawn', (): void => undefined);
  });
}

/** Asks another process. */
export class RemoteAccountQueries extends AccountQueries {
  readonly #balances: GroupCommit<string, JsonText<Balance>>;
  readonly #pages: PageCalls<WithdrawalsPageMessage>;

  constructor(reader: RpcClient, errors: RpcErrors) {
    super();
    this.#balances = gathered(async (userIds) => {
      const { outcomes } = await reader.call<{
        outcomes: RpcOutcome<{ balance: BalanceMessage }>[];
      }>('account.proto/AccountQueries', 'GetBalances', { userIds });
      return outcomesFrom(outcomes, errors, 'balance', jsonOf);
    });
    this.#pages = new PageCalls(async (pages) => {
      const { outcomes } = await reader.call<{
        outcomes: RpcOutcome<{ page: WithdrawalsPageMessage }>[];
      }>('account.proto/AccountQueries', 'ListWithdrawals', { pages });
      return outcomesFrom(outcomes, errors, 'page', (page) => page);
    });
  }

  balance(userId: string): Promise<JsonText<Balance>> {
    return this.#balances.submit(userId);
  }

  async withdrawalsPage(userId: string, after?: string): Promise<JsonPage<WithdrawalLine>> {
    const { withdrawals, nextPageToken } = await this.#pages.page(userId, after);
    const lines = withdrawals.map(({ order, sum, processedAt }): WithdrawalLine => ({
      order,
      sum: Number(sum),
      processed_at: processedAt,
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
