/** How a customer is named on the command line: by what they sign in with, or by their id. */
export type CustomerName = { readonly login: string } | { readonly id: string };

/** A line of the ledger as operators see it. Sums have two decimals, amounts are signed. */
export interface EntryFacts {
  readonly id: string;
  readonly account: string;
  readonly kind: string;
  readonly order: string | null;
  readonly amount: string;
  readonly balanceAfter: string;
  /** RFC 3339, as all times here. */
  readonly at: string;
  readonly reason: string | null;
}

export interface OrderFacts {
  readonly number: string;
  readonly status: string;
  readonly accrual: string | null;
  readonly uploadedAt: string;
}

/** A status that an order has had, and since when. */
export interface StepFacts {
  readonly status: string;
  readonly at: string;
}

/** Somebody's order. */
export interface OwnedOrderFacts extends OrderFacts {
  readonly owner: string;
  readonly login: string | null;
  /** Oldest first. */
  readonly history: readonly StepFacts[];
}

/** All that an operator wants to see of a customer at first sight. */
export interface CustomerFacts {
  readonly id: string;
  /** Null of somebody who was forgotten. */
  readonly login: string | null;
  readonly registeredAt: string;
  readonly blockedAt: string | null;
  readonly blockReason: string | null;
  readonly forgottenAt: string | null;
  readonly balance: string;
  readonly withdrawn: string;
  readonly entries: number;
  readonly lastEntries: readonly EntryFacts[];
  /** How many there are of each status. */
  readonly orders: Readonly<Record<string, number>>;
  readonly lastOrders: readonly OrderFacts[];
}

/** What waits for the accrual system's answer. */
export interface TaskFacts {
  readonly status: string;
  readonly tries: number;
  readonly nextAttemptAt: string;
  readonly reason: string | null;
}

/** All that is known of an order number, uploaded or paid with points or both. */
export interface NumberFacts {
  readonly number: string;
  readonly order: OwnedOrderFacts | null;
  readonly task: TaskFacts | null;
  readonly entries: readonly EntryFacts[];
}

/** What operators see of customers, over the tables of all modules. */
export abstract class CustomerOverview {
  /** @returns undefined where there is no such user. */
  abstract customer(id: string): Promise<CustomerFacts | undefined>;

  /** @returns undefined where the number was neither uploaded nor paid for. */
  abstract order(number: string): Promise<NumberFacts | undefined>;
}
