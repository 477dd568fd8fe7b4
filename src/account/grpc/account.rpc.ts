import { Injectable, type OnModuleInit } from '@nestjs/common';
import { readDecimal } from '../../kernel/domain/decimal.js';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { RpcErrors, type RpcOutcome } from '../../platform/rpc/rpc-errors.js';
import {
  assertOneOfEach,
  MalformedCall,
  outcomesOf,
  pagesOf,
  uuidOf,
} from '../../platform/rpc/rpc-lists.js';
import { type RpcCall, RpcServer } from '../../platform/rpc/rpc-server.js';
import { AccountQueries, type Balance, type WithdrawalLine } from '../application/ports.js';
import { WithdrawalCommits } from '../application/withdraw-points.js';

// Messages of proto/gophermart/v1/account.proto.

/** Ten digits more than the largest sum has. */
const LONGEST_SUM = 30;

interface WithdrawalMessage {
  readonly id: string;
  readonly userId: string;
  readonly order: string;
  readonly sum: string;
}

@Injectable()
export class AccountCommandsRpc implements OnModuleInit {
  constructor(
    private readonly server: RpcServer,
    private readonly errors: RpcErrors,
    private readonly withdrawals: WithdrawalCommits,
  ) {}

  onModuleInit(): void {
    this.server.add('account.proto', 'AccountCommands', {
      answers: {
        WithdrawPoints: async (
          { withdrawals }: { withdrawals: readonly WithdrawalMessage[] },
          call: RpcCall,
        ) => ({ outcomes: await this.#withdraw(withdrawals, call) }),
      },
    });
  }

  /** Nothing is charged for a call that was cancelled before the COMMIT. */
  #withdraw(
    withdrawals: readonly WithdrawalMessage[],
    call: RpcCall,
  ): Promise<RpcOutcome<{ withdrawn: object }>[]> {
    const caller = {
      address: '',
      get isDisconnected() {
        return call.isCancelled;
      },
    };
    assertOneOfEach(withdrawals.map(({ id }) => id));
    return outcomesOf(withdrawals, this.errors, async ({ id, userId, order, sum }) => {
      if (sum.length > LONGEST_SUM || !readDecimal(sum))
        throw new MalformedCall('sum must be a decimal number');
      await this.withdrawals.submit({
        id: uuidOf('id', id),
        userId: uuidOf('user_id', userId),
        orderNumber: OrderNumber.parse(order),
        sum: Money.exact(sum),
        caller,
      });
      return { withdrawn: {} };
    });
  }
}

@Injectable()
export class AccountQueriesRpc implements OnModuleInit {
  constructor(
    private readonly server: RpcServer,
    private readonly errors: RpcErrors,
    private readonly queries: AccountQueries,
  ) {}

  onModuleInit(): void {
    this.server.add('account.proto', 'AccountQueries', {
      answers: {
        GetBalances: async ({ userIds }: { userIds: readonly string[] }) => ({
          outcomes: await outcomesOf(userIds, this.errors, async (userId) => ({
            balance: await this.#balance(userId),
          })),
        }),
      },
      pages: { ListWithdrawals: ({ userId }: { userId: string }) => this.#list(userId) },
    });
  }

  async #balance(userId: string): Promise<object> {
    const json = await this.queries.balance(uuidOf('user_id', userId));
    const { current, withdrawn } = JSON.parse(json) as Balance;
    return { current: current.toFixed(2), withdrawn: withdrawn.toFixed(2) };
  }

  async #list(userId: string): Promise<AsyncIterable<object>> {
    return withdrawalPages(pagesOf(await this.queries.withdrawals(uuidOf('user_id', userId))));
  }
}

async function* withdrawalPages(
  pages: AsyncIterable<readonly WithdrawalLine[]>,
): AsyncGenerator<object> {
  for await (const page of pages)
    yield {
      withdrawals: page.map(({ order, sum, processed_at }) => ({
        order,
        sum: sum.toFixed(2),
        processedAt: processed_at,
      })),
    };
}
