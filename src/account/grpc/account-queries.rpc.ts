import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { JsonPage, JsonText, ListQuery } from '../../kernel/application/json-lists.js';
import { RpcErrors } from '../../platform/grpc/rpc-errors.js';
import {
  kindsOf,
  MalformedCall,
  momentOf,
  outcomesOf,
  type PageRequest,
  pagesOf,
  type ReadPage,
  uuidOf,
} from '../../platform/grpc/rpc-lists.js';
import { RpcServer } from '../../platform/grpc/rpc-server.js';
import {
  AccountQueries,
  type Balance,
  type EntryLine,
  type WithdrawalLine,
} from '../application/ports.js';
import { ENTRY_KINDS } from '../domain/account.js';

// Messages of proto/gophermart/v1/account.proto.

export interface BalanceMessage {
  readonly current: string;
  readonly withdrawn: string;
}

export interface WithdrawalsPageMessage {
  readonly withdrawals: readonly {
    readonly order: string;
    readonly sum: string;
    readonly processedAt: string;
    readonly reversedAt?: string;
  }[];
  readonly nextPageToken: string;
}

export interface PastBalanceRequest {
  readonly userId: string;
  readonly at: string;
}

export interface EntriesPageRequest extends PageRequest {
  readonly kinds: readonly string[];
}

export interface EntriesPageMessage {
  readonly entries: readonly {
    readonly id: string;
    readonly kind: string;
    readonly order?: string;
    readonly amount: string;
    readonly balanceAfter: string;
    readonly at: string;
    readonly reason?: string;
  }[];
  readonly nextPageToken: string;
}

/** Before the names of kinds in messages. */
export const KIND = 'ENTRY_KIND_';

@Injectable()
export class AccountQueriesRpc implements OnModuleInit {
  constructor(
    private readonly server: RpcServer,
    private readonly errors: RpcErrors,
    private readonly queries: AccountQueries,
  ) {}

  onModuleInit(): void {
    this.server.add('account.proto/AccountQueries', {
      GetBalances: async ({ userIds }: { userIds: readonly string[] }) => ({
        outcomes: await outcomesOf(userIds, this.errors, async (userId) => ({
          balance: balanceMessage(await this.queries.balance(uuidOf('user_id', userId))),
        })),
      }),
      GetPastBalances: async ({ balances }: { balances: readonly PastBalanceRequest[] }) => ({
        outcomes: await outcomesOf(balances, this.errors, async ({ userId, at }) => ({
          balance: balanceMessage(
            await this.queries.balance(uuidOf('user_id', userId), pastMoment(at)),
          ),
        })),
      }),
      ListWithdrawals: ({ pages }: { pages: readonly PageRequest[] }) =>
        pagesOf(
          pages,
          this.errors,
          (userId, query) => this.queries.withdrawalsPage(userId, query),
          withdrawalsMessage,
        ),
      ListLedgerEntries: ({ pages }: { pages: readonly EntriesPageRequest[] }) =>
        pagesOf(pages, this.errors, this.#history, entriesMessage),
    });
  }

  readonly #history = (
    userId: string,
    query: ListQuery,
    { kinds }: EntriesPageRequest,
  ): Promise<JsonPage<EntryLine>> =>
    this.queries.historyPage(userId, { ...query, only: kindsOf(KIND, kinds, ENTRY_KINDS) });
}

function pastMoment(text: string): number {
  const at = momentOf('at', text);
  if (at === undefined) throw new MalformedCall('at must be a time as in RFC 3339');
  return at.floorMs;
}

/** The sums as they are written: parsed, what was withdrawn may have more digits than a double. */
const BALANCE = /^{"current":(?<current>[\d.]+),"withdrawn":(?<withdrawn>[\d.]+)}$/;

function balanceMessage(json: JsonText<Balance>): BalanceMessage {
  const { current = '', withdrawn = '' } = BALANCE.exec(json)?.groups ?? {};
  return { current: withDecimals(current), withdrawn: withDecimals(withdrawn) };
}

/** `500` and `500.5` with two decimals. */
function withDecimals(sum: string): string {
  const [whole = '', decimals = ''] = sum.split('.');
  return `${whole}.${decimals.padEnd(2, '0')}`;
}

function withdrawalsMessage({
  lines,
  nextPageToken,
}: ReadPage<WithdrawalLine>): WithdrawalsPageMessage {
  const withdrawals = lines.map(({ order, sum, processed_at, reversed_at }) => ({
    order,
    sum: sum.toFixed(2),
    processedAt: processed_at,
    ...(reversed_at !== undefined && { reversedAt: reversed_at }),
  }));
  return { withdrawals, nextPageToken };
}

function entriesMessage({ lines, nextPageToken }: ReadPage<EntryLine>): EntriesPageMessage {
  const entries = lines.map(({ kind, amount, balance_after, ...line }) => ({
    ...line,
    kind: `${KIND}${kind}`,
    amount: amount.toFixed(2),
    balanceAfter: balance_after.toFixed(2),
  }));
  return { entries, nextPageToken };
}
