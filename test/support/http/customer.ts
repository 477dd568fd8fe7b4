import { randomUUID } from 'node:crypto';
import { eventually } from '../eventually.js';
import { processed, type ScriptedAccrual } from '../fakes/scripted-accrual.js';
import { freshNumber } from './order-numbers.js';

export interface ShownOrder {
  readonly number: string;
  readonly status: 'NEW' | 'PROCESSING' | 'INVALID' | 'PROCESSED';
  readonly accrual?: number;
  readonly uploaded_at: string;
}

export interface ShownWithdrawal {
  readonly order: string;
  readonly sum: number;
  readonly processed_at: string;
  readonly reversed_at?: string;
}

/** A customer of the shop, as its client talks to the API. */
export class Customer {
  private constructor(
    readonly url: string,
    readonly login: string,
    readonly authorization: string,
  ) {}

  static register(
    url: string,
    login = `customer-${randomUUID()}`,
    password = 'a password',
  ): Promise<Customer> {
    return Customer.enter(url, 'register', login, password);
  }

  static async enter(
    url: string,
    call: 'register' | 'login',
    login: string,
    password: string,
  ): Promise<Customer> {
    const reply = await fetch(`${url}/api/user/${call}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login, password }),
    });
    const authorization = reply.headers.get('authorization');
    if (reply.status !== 200 || authorization === null)
      throw new Error(`${call} of ${login}: ${reply.status} ${await reply.text()}`);
    return new Customer(url, login, authorization);
  }

  /** The same customer, at another replica. */
  at(url: string): Customer {
    return new Customer(url, this.login, this.authorization);
  }

  call(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      ...init,
      headers: {
        authorization: this.authorization,
        ...(init.headers as Record<string, string> | undefined),
      },
    });
  }

  /** Sends a request, with a body of JSON if one is given, and reads the reply to its end. */
  async statusOf(method: string, path: string, body?: object): Promise<number> {
    const reply = await this.call(method, path, {
      ...(body && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    await reply.arrayBuffer();
    return reply.status;
  }

  upload(number: string): Promise<Response> {
    return this.call('POST', '/api/user/orders', {
      headers: { 'content-type': 'text/plain' },
      body: number,
    });
  }

  /** @param sum as the JSON token that is sent. */
  withdraw(order: string, sum: string | number): Promise<Response> {
    return this.call('POST', '/api/user/balance/withdraw', {
      headers: { 'content-type': 'application/json' },
      body: `{"order":"${order}","sum":${sum}}`,
    });
  }

  async orders(): Promise<ShownOrder[]> {
    return list<ShownOrder>(await this.call('GET', '/api/user/orders'));
  }

  async order(number: string): Promise<ShownOrder | undefined> {
    return (await this.orders()).find((order) => order.number === number);
  }

  async withdrawals(): Promise<ShownWithdrawal[]> {
    return list<ShownWithdrawal>(await this.call('GET', '/api/user/withdrawals'));
  }

  async balance(): Promise<{ current: number; withdrawn: number }> {
    return (await (await this.call('GET', '/api/user/balance')).json()) as {
      current: number;
      withdrawn: number;
    };
  }

  /** Uploads an order that the accrual system awards with `points`, and waits for the credit. */
  async earn(points: string, accrual: ScriptedAccrual): Promise<string> {
    const number = freshNumber();
    accrual.script(number, processed(number, points));
    await this.upload(number);
    await eventually(
      `order ${number} is processed`,
      async () => (await this.order(number))?.status === 'PROCESSED',
    );
    return number;
  }
}

async function list<T>(reply: Response): Promise<T[]> {
  if (!reply.ok) throw new Error(`a list was answered ${reply.status} ${await reply.text()}`);
  return reply.status === 204 ? [] : ((await reply.json()) as T[]);
}
