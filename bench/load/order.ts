/** What is asked of the service; `mix` is two balances, a list of orders and an upload in turn. */
export type Call =
  'balance' | 'orders' | 'withdrawals' | 'upload' | 'withdraw' | 'login' | 'register' | 'mix';

/** All that a load generator is told. */
export interface LoadOrder {
  readonly url: string;
  readonly call: Call;
  /** See books/users.ts. */
  readonly users: string;
  /** First seven digits of the order numbers it makes: nobody else's. */
  readonly prefix: string;
  readonly connections: number;
  readonly seconds: number;
}

/** The first digit of load generators' order numbers is a 4. */
export class Prefixes {
  #last = 0;

  next(): string {
    return `4${String(++this.#last).padStart(6, '0')}`;
  }
}

/** Every password in the books. */
export const PASSWORD = 'correct horse battery staple';
