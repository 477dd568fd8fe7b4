import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Caller, type Presence, SOCKETS } from '../../kernel/application/caller.js';
import { readDecimal } from '../../kernel/domain/decimal.js';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { Trace } from '../../kernel/domain/trace.js';
import { RpcErrors, type RpcOutcome } from '../../platform/grpc/rpc-errors.js';
import {
  assertOneOfEach,
  idOf,
  MalformedCall,
  outcomesOf,
  uuidOf,
} from '../../platform/grpc/rpc-lists.js';
import type { ReceivedBatch } from '../../platform/grpc/exchange/received-batch.js';
import { type RpcCall, RpcServer } from '../../platform/grpc/rpc-server.js';
import { WithdrawalCommits } from '../application/withdraw-points.js';

// Messages of proto/gophermart/v1/account.proto.

/** Ten digits more than the largest sum has. */
const LONGEST_SUM = 30;

export interface WithdrawalMessage {
  readonly id: string;
  readonly userId: string;
  readonly order: string;
  readonly sum: string;
  readonly traceparent?: string | undefined;
}

export interface WithdrawRequest {
  readonly withdrawals: readonly WithdrawalMessage[];
}

export interface WithdrawReply {
  readonly outcomes: RpcOutcome<{ readonly withdrawn: object }>[];
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
      WithdrawPoints: (request: WithdrawRequest, call: RpcCall) => {
        const caller = callerOf(call);
        return this.#withdraw(request, () => caller);
      },
    });
    this.server.addBatches('withdrawals', (request: WithdrawRequest, batch) => {
      const callers = new CallersElsewhere(batch);
      return this.#withdraw(request, (place) => callers.at(place));
    });
  }

  async #withdraw(
    { withdrawals }: WithdrawRequest,
    callerAt: (place: number) => Caller,
  ): Promise<WithdrawReply> {
    assertOneOfEach(withdrawals.map(({ id }) => id));
    const outcomes = await outcomesOf(withdrawals, this.errors, async (withdrawal, place) => {
      const { id, userId, order, sum, traceparent } = withdrawal;
      if (sum.length > LONGEST_SUM || !readDecimal(sum))
        throw new MalformedCall('sum must be a decimal number');
      const command = {
        id: idOf(id),
        userId: uuidOf('user_id', userId),
        orderNumber: OrderNumber.parse(order),
        sum: Money.exact(sum),
        caller: callerAt(place),
        trace: Trace.read(traceparent),
      };
      await this.withdrawals.submit(command, withdrawals);
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

/** The callers of a batch, whose sender is asked before a COMMIT who of them has left. */
class CallersElsewhere implements Presence {
  readonly #left = new Set<number>();

  constructor(private readonly batch: ReceivedBatch) {}

  /** Who waits for the withdrawal at this place of the batch. */
  at(place: number): Caller {
    const isDisconnected = (): boolean => this.batch.failure !== undefined || this.#left.has(place);
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
      for (const place of await this.batch.whoHasLeft()) this.#left.add(place);
    } catch {
      // The batch has failed, and so nobody waits any more.
    }
  }
}
