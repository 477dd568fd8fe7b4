import type { TaskPriority } from '../../../src/cashback/domain/task.js';
import {
  PRIORITY,
  type Standing,
  STANDING,
} from '../../../src/cashback/infrastructure/sql-queue-repository.js';
import type { OrderStatus } from '../../../src/orders/domain/order.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { freshNumber } from '../http/order-numbers.js';
import type { TestDatabase } from './test-database.js';

const ids = new UuidV7Ids();

export interface TaskRow {
  readonly status: string;
  readonly tries: number;
  readonly attempt: number;
  readonly priority: TaskPriority;
  readonly reason: string | null;
  /** Milliseconds from now; negative when overdue. */
  readonly due_in_ms: number;
}

interface NewTaskRow {
  readonly dueInMs?: number;
  readonly priority?: TaskPriority;
  readonly status?: string;
  readonly tries?: number;
}

let prefixes = 100_000_000_000;

/** The first twelve digits of numbers that nobody else has. */
function nextPrefix(): string {
  return `${++prefixes}`;
}

/** Puts rows where a test needs them, and looks at them again. */
export class Books {
  constructor(private readonly database: TestDatabase) {}

  /** A user with an account of so many points, credited for nothing. */
  async user(balance = '0'): Promise<string> {
    const id = ids.next();
    await this.database.query(
      `INSERT INTO gophermart.users (id, login, password_hash, registered_at)
       VALUES ($1::uuid, $1::uuid::text, 'x', now())`,
      [id],
    );
    await this.database.query(
      'INSERT INTO gophermart.accounts (user_id, balance) VALUES ($1, $2)',
      [id, balance],
    );
    return id;
  }

  /** One after another: they share a connection. */
  async users(count: number, balance = '0'): Promise<string[]> {
    const users: string[] = [];
    while (users.length < count) users.push(await this.user(balance));
    return users;
  }

  async order(
    userId: string,
    { number = freshNumber(), status = 'NEW' }: { number?: string; status?: OrderStatus } = {},
  ): Promise<string> {
    const id = ids.next();
    await this.database.query(
      `INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
       VALUES ($1, $2, $3, $4, now())`,
      [id, userId, number, status],
    );
    return id;
  }

  /**
   * So many orders, whose numbers have so many digits. Ten were uploaded at each moment, so that
   * pages of a list end among them.
   */
  async orders(userId: string, count: number, digits = 18): Promise<void> {
    await this.database.query(
      `INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
       SELECT gen_random_uuid(), $1, rpad($2 || lpad(n::text, 6, '0'), $4, '7'), 'NEW',
         timestamptz '2026-01-01Z' + n / 10 * interval '1 second'
       FROM generate_series(1, $3) n`,
      [userId, nextPrefix(), count, digits],
    );
  }

  /** So many withdrawals, for orders whose numbers have so many digits; on top of earlier ones. */
  async withdrawals(userId: string, count: number, digits = 18): Promise<void> {
    await this.database.query(
      `INSERT INTO gophermart.ledger_entries
         (id, account_id, version, kind, amount, balance_after, order_num, at)
       SELECT gen_random_uuid(), $1, version + n, 'WITHDRAWAL', 1, 0,
         rpad($2 || lpad(n::text, 6, '0'), $4, '7'), timestamptz '2026-01-01Z'
       FROM gophermart.accounts, generate_series(1, $3) n WHERE user_id = $1`,
      [userId, nextPrefix(), count, digits],
    );
    await this.database.query(
      `UPDATE gophermart.accounts SET version = version + $2, withdrawn = withdrawn + $2
       WHERE user_id = $1`,
      [userId, count],
    );
  }

  /** An order with its task, due `dueInMs` from now. */
  async task(
    userId: string,
    { dueInMs = -1_000, priority = 'FRESH', status = 'PENDING', tries = 0 }: NewTaskRow = {},
  ): Promise<string> {
    const id = await this.order(userId);
    await this.database.query(
      `INSERT INTO gophermart.queue (order_id, status, tries, standing, enqueued_at,
         next_attempt_at, status_changed_at, reason)
       VALUES ($1, $2, $3, $4, now(), now() + $5 * interval '1 millisecond', now(), $6)`,
      [id, status, tries, STANDING[priority], dueInMs, status === 'FAILED' ? 'status 500' : null],
    );
    return id;
  }

  async taskOf(orderId: string): Promise<TaskRow | undefined> {
    const [row] = await this.database.query<Omit<TaskRow, 'priority'> & { standing: Standing }>(
      `SELECT status, tries, attempt, standing, reason,
         extract(epoch FROM next_attempt_at - clock_timestamp())::double precision * 1000
           AS due_in_ms
       FROM gophermart.queue WHERE order_id = $1`,
      [orderId],
    );
    if (!row) return undefined;
    const { standing, ...rest } = row;
    return { ...rest, priority: PRIORITY[standing] };
  }

  async count(
    table: 'orders' | 'queue' | 'ledger_entries' | 'accounts',
    where = 'true',
  ): Promise<number> {
    const [row] = await this.database.query<{ rows: string }>(
      `SELECT count(*) AS rows FROM gophermart.${table} WHERE ${where}`,
    );
    return Number(row?.rows);
  }

  /** `balance/withdrawn/version`, as stored. */
  async account(userId: string): Promise<string> {
    const [row] = await this.database.query<{ account: string }>(
      `SELECT concat_ws('/', balance, withdrawn, version) AS account
       FROM gophermart.accounts WHERE user_id = $1`,
      [userId],
    );
    return row?.account ?? 'none';
  }

  /** Moves a task's lease, or its time, to the past. */
  async makeDue(orderId: string): Promise<void> {
    await this.database.query(
      `UPDATE gophermart.queue SET next_attempt_at = now() - interval '1 second'
       WHERE order_id = $1`,
      [orderId],
    );
  }
}
