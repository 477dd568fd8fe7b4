import { type Caller, refreshAll } from '../../kernel/application/caller.js';
import type { GroupCommit } from '../../kernel/application/group-commit.js';
import type { JsonPage, JsonText } from '../../kernel/application/ports.js';
import { gathered } from '../../platform/rpc/gathered-calls.js';
import type { RpcClient } from '../../platform/rpc/rpc-client.js';
import type { RpcErrors, RpcOutcome } from '../../platform/rpc/rpc-errors.js';
import { MAX_PAGES, outcomesFrom, pageOf, type PageRequest } from '../../platform/rpc/rpc-lists.js';
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
  return gathered(async (list) => {
    const withdrawals = list.map(({ id, userId, orderNumber, sum }) => ({
      id,
      userId,
      order: orderNumber.value,
      sum: sum.toString(),
    }));
    const callers = list.map(({ caller }) => caller);
    const { reply } = await billing.dialog<ForCallersRequest, ForCallersReply>(
      'account.proto/AccountCommands',
      'WithdrawPointsForCallers',
      { request: { withdrawals } },
      ({ question }) => question && whoHasLeft(callers),
    );
    return outcomesFrom(reply?.outcomes ?? [], errors, (): void => undefined);
  });
}

async function whoHasLeft(callers: readonly Caller[]): Promise<ForCallersRequest> {
  await refreshAll(callers);
  const places = callers.flatMap(({ isDisconnected }, place) => (isDisconnected ? [place] : []));
  return { answer: { withdrawals: places } };
}

/** Asks another process. */
export class RemoteAccountQueries extends AccountQueries {
  readonly #balances: GroupCommit<string, JsonText<Balance>>;
  readonly #pages: GroupCommit<PageRequest, WithdrawalsPageMessage>;

  constructor(reader: RpcClient, errors: RpcErrors) {
    super();
    this.#balances = gathered(async (userIds) => {
      const { outcomes } = await reader.call<{
        outcomes: RpcOutcome<{ balance: BalanceMessage }>[];
      }>('account.proto/AccountQueries', 'GetBalances', { userIds });
      return outcomesFrom(outcomes, errors, ({ balance }) => jsonOf(balance));
    });
    this.#pages = gathered(async (pages) => {
      const { outcomes } = await reader.call<{
        outcomes: RpcOutcome<{ page: WithdrawalsPageMessage }>[];
      }>('account.proto/AccountQueries', 'ListWithdrawals', { pages });
      return outcomesFrom(outcomes, errors, ({ page }) => page);
    }, MAX_PAGES);
  }

  balance(userId: string): Promise<JsonText<Balance>> {
    return this.#balances.submit(userId);
  }

  async withdrawalsPage(userId: string, after = ''): Promise<JsonPage<WithdrawalLine>> {
    const { withdrawals, nextPageToken } = await this.#pages.submit({ userId, pageToken: after });
    const lines = withdrawals.map(({ order, sum, processedAt }): WithdrawalLine => ({
      order,
      sum: Number(sum),
      processed_at: processedAt,
    }));
    return pageOf({ lines, nextPageToken });
  }
}

function jsonOf({ current, withdrawn }: BalanceMessage): JsonText<Balance> {
  return JSON.stringify({ current: Number(current), withdrawn: Number(withdrawn) });
}
