import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Caller, type Presence, SOCKETS } from '../../kernel/application/caller.js';
import { readDecimal } from '../../kernel/domain/decimal.js';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { RpcErrors, type RpcOutcome } from '../../platform/rpc/rpc-errors.js';
import {
  assertOneOfEach,
  idOf,
  MalformedCall,
  outcomesOf,
  type PageRequest,
  pagesOf,
  type ReadPage,
  uuidOf,
} from '../../platform/rpc/rpc-lists.js';
import type { RpcDialog } from '../../platform/rpc/rpc-dialog.js';
import { type RpcCall, RpcServer } from '../../platform/rpc/rpc-server.js';
import { AccountQueries, type WithdrawalLine } from '../application/ports.js';
import { WithdrawalCommits } from '../application/withdraw-points.js';

// Messages of proto/gophermart/v1/account.proto.

/** Ten digits more than the largest sum has. */
const LONGEST_SUM = 30;

export interface WithdrawalMessage {
  readonly id: string;
  readonly userId: string;
  readonly order: string;
  readonly sum: string;
}

export interface WithdrawRequest {
  readonly withdrawals: readonly WithdrawalMessage[];
}

export interface WithdrawReply {
  readonly outcomes: RpcOutcome<{ readonly withdrawn: object }>[];
}

export interface ForCallersRequest {
  readonly request?: WithdrawRequest;
  readonly answer?: { readonly withdrawals: readonly number[] };
}

export interface ForCallersReply {
  readonly question?: object;
  readonly reply?: WithdrawReply;
}

export interface BalanceMessage {
  readonly current: string;
  readonly withdrawn: string;
}

export interface WithdrawalsPageMessage {
  readonly withdrawals: readonly {
    readonly order: string;
    readonly sum: string;
    readonly processedAt: string;
  }[];
  readonly nextPageToken: string;
}

@Injectable()
export class AccountCommandsRpc implements OnModuleInit {
  constructor(
    private readonly server: RpcServer,
    private readonly errors: RpcErrors,
    private readonly withdrawals: WithdrawalCommits,
  ) {}

  onModuleInit(): void {
    this.server.add('account.proto/AccountCommands', {
      answers: {
        WithdrawPoints: (request: WithdrawRequest, call: RpcCall) => {
          const caller = callerOf(call);
          return this.#withdraw(request, () => caller);
        },
      },
      dialogs: {
        WithdrawPointsForCallers: (dialog: RpcDialog<ForCallersRequest, ForCallersReply>) =>
          this.#withdrawForCallers(dialog),
      },
    });
  }

  async #withdrawForCallers(
    dialog: RpcDialog<ForCallersRequest, ForCallersReply>,
  ): Promise<ForCallersReply> {
    const { request } = await dialog.request;
    if (!request) throw new MalformedCall('the request comes first');
    const callers = new CallersOfClient(dialog);
    return { reply: await this.#withdraw(request, (place) => callers.at(place)) };
  }

  async #withdraw(
    { withdrawals }: WithdrawRequest,
    callerAt: (place: number) => Caller,
  ): Promise<WithdrawReply> {
    assertOneOfEach(withdrawals.map(({ id }) => id));
    const outcomes = await outcomesOf(withdrawals, this.errors, async (withdrawal, place) => {
      const { id, userId, order, sum } = withdrawal;
      if (sum.length > LONGEST_SUM || !readDecimal(sum))
        throw new MalformedCall('sum must be a decimal number');
      await this.withdrawals.submit({
        id: idOf(id),
        userId: uuidOf('user_id', userId),
        orderNumber: OrderNumber.parse(order),
        sum: Money.exact(sum),
        caller: callerAt(place),
      });
      return { withdrawn: {} };
    });
    return { outcomes };
  }
}

/** Nothing is charged for a call that was cancelled before the COMMIT. */
function callerOf(call: RpcCall): Caller {
  return {
    address: '',
    get isDisconnected() {
      return call.isCancelled;
    },
    presence: SOCKETS,
  };
}

/** The callers of a client, which is asked before a COMMIT who of them has left. */
class CallersOfClient implements Presence {
  readonly #left = new Set<number>();
  #isUnknown = false;

  constructor(private readonly dialog: RpcDialog<ForCallersRequest, ForCallersReply>) {}

  /** Who waits for the withdrawal at this place of the request. */
  at(place: number): Caller {
    const isDisconnected = (): boolean =>
      this.dialog.isOver || this.#isUnknown || this.#left.has(place);
    return {
      address: '',
      get isDisconnected() {
        return isDisconnected();
      },
      presence: this,
    };
  }

  async refresh(): Promise<void> {
    try {
      const { answer } = await this.dialog.ask({ question: {} });
      answer?.withdrawals.forEach((place) => this.#left.add(place));
      this.#isUnknown ||= answer === undefined;
    } catch {
      // The call is over, and so nobody waits any more.
    }
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
    this.server.add('account.proto/AccountQueries', {
      answers: {
        GetBalances: async ({ userIds }: { userIds: readonly string[] }) => ({
          outcomes: await outcomesOf(userIds, this.errors, async (userId) => ({
            balance: await this.#balance(userId),
          })),
        }),
        ListWithdrawals: ({ pages }: { pages: readonly PageRequest[] }) =>
          pagesOf(
            pages,
            this.errors,
            (userId, after) => this.queries.withdrawalsPage(userId, after),
            toMessage,
          ),
      },
    });
  }

  async #balance(userId: string): Promise<BalanceMessage> {
    const json = await this.queries.balance(uuidOf('user_id', userId));
    const { current = '', withdrawn = '' } = BALANCE.exec(json)?.groups ?? {};
    return { current: withDecimals(current), withdrawn: withDecimals(withdrawn) };
  }
}

/** The sums as they are written: parsed, what was withdrawn may have more digits than a double. */
const BALANCE = /^{"current":(?<current>[\d.]+),"withdrawn":(?<withdrawn>[\d.]+)}$/;

/** `500` and `500.5` with two decimals. */
function withDecimals(sum: string): string {
  const [whole = '', decimals = ''] = sum.split('.');
  return `${whole}.${decimals.padEnd(2, '0')}`;
}

function toMessage({ lines, nextPageToken }: ReadPage<WithdrawalLine>): WithdrawalsPageMessage {
  const withdrawals = lines.map(({ order, sum, processed_at }) => ({
    order,
    sum: sum.toFixed(2),
    processedAt: processed_at,
  }));
  return { withdrawals, nextPageToken };
}
