import type { Replica } from '../../test/torture/support/replica.js';
import type { Promised } from '../books/checks.js';
import type { SignedIn } from '../books/users.js';
import { runLimit } from '../limit/limit.js';
import { LIMIT_CONNECTIONS } from '../limit/order.js';
import type { Transaction } from '../limit/transactions.js';
import { runLoad } from '../load/load.js';
import type { Call } from '../load/order.js';
import { type LoadResult, type Parties, type Round, roundOf, withCpu } from '../measure/round.js';
import type { Stage } from '../stage/stage.js';

/** Somebody whose rounds are compared with another's. */
export type Contender<R extends Round = Round> = (seconds: number) => Promise<R>;

/** As the goals are stated. */
export const CONNECTIONS = 50;

export interface UnderLoad {
  /** The connections are shared out among them. */
  readonly services: readonly Replica[];
  readonly call: Call;
  readonly users: SignedIn;
  /** Keeps count of what a writing call was promised. */
  readonly promised?: Promised;
}

/** The service, kept busy on 50 connections. */
export function underLoad(stage: Stage, { services, call, users, promised }: UnderLoad): Contender {
  return async (seconds) => {
    const orders = services.map(({ url }, i) => ({
      url,
      call,
      users: users.file,
      prefix: stage.prefixes.next(),
      connections: share(CONNECTIONS, services.length, i),
      seconds,
    }));
    const { result, cpu } = await withCpu(partiesOf(stage, services), () =>
      runLoad(orders, stage.stopping),
    );
    promised?.add(result.requests, CONNECTIONS);
    reportFailures(stage, call, result.failures);
    return roundOf(result, cpu);
  };
}

export interface PlainSql {
  readonly database: string;
  readonly transaction: Transaction;
  /** Users 1 to this one have their turn. */
  readonly users: number;
  readonly promised?: Promised;
}

/** The same rows by a lean client of the database, one transaction each. */
export function plainSql(
  stage: Stage,
  { database, transaction, users, promised }: PlainSql,
): Contender {
  return async (seconds) => {
    const order = {
      uri: stage.database.uri(database),
      transaction,
      users,
      firstNumber: stage.numbers.next(),
      seconds,
      folder: stage.folder,
    };
    const { result, cpu } = await withCpu(partiesOf(stage, []), () =>
      runLimit(order, stage.stopping),
    );
    promised?.add(result.requests, LIMIT_CONNECTIONS);
    reportFailures(stage, `plain SQL of ${transaction.name}`, result.failures);
    return roundOf(result, cpu);
  };
}

export function partiesOf(stage: Stage, services: readonly Replica[]): Parties {
  const pids = services.map(({ pid }) => pid ?? NaN);
  return { services: pids, postmaster: stage.database.postmaster, accrual: stage.accrual.pid };
}

export function reportFailures(stage: Stage, what: string, failures: LoadResult['failures']): void {
  for (const [kind, count] of Object.entries(failures)) stage.report(`${what}: ${count} × ${kind}`);
}

/** The i-th share of `whole`, in shares that differ by one at most. */
function share(whole: number, shares: number, i: number): number {
  return Math.floor((whole * (i + 1)) / shares) - Math.floor((whole * i) / shares);
}
