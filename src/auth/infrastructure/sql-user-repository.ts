import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { BatchedRead } from '../../platform/postgres/reads/batched-read.js';
import {
  type NewPassword,
  UserAccess,
  UserRepository,
  type ChangedPassword,
} from '../application/ports.js';
import { Login } from '../domain/credentials.js';
import { User, type UserState } from '../domain/user.js';

const SELECT_USERS = `
  SELECT id, login, password_hash AS "passwordHash", generation,
    blocked_at IS NOT NULL AS "isBlocked"
  FROM gophermart.users`;

/** Of each login the user who has it; the exact spelling wins. */
const BY_LOGINS = `
  SELECT asked.typed AS key, found.*
  FROM UNNEST($1::text[], $2::text[]) AS asked (typed, value)
  CROSS JOIN LATERAL (
    ${SELECT_USERS}
    WHERE login IN (asked.typed, asked.value) ORDER BY login = asked.typed DESC LIMIT 1
  ) found`;

@Injectable()
export class SqlUserRepository extends UserRepository {
  /** A storm of log-ins must not take the connections from everybody else. */
  readonly #byLogin: BatchedRead<UserState>;

  constructor(private readonly database: PgUnitOfWork) {
    super();
    this.#byLogin = new BatchedRead(database, BY_LOGINS, undefined, (logins) => [
      logins,
      logins.map((typed) => Login.parse(typed).value),
    ]);
  }

  /**
   * Waits for a transaction that is storing the same login right now, and loses to it if it
   * commits.
   */
  async add(transaction: Transaction, user: User): Promise<boolean> {
    const { id, login, passwordHash } = user.snapshot();
    const { rowCount } = await pgOf(transaction).query(
      `INSERT INTO gophermart.users (id, login, password_hash, registered_at)
       VALUES ($1, $2, $3, clock_timestamp())
       ON CONFLICT DO NOTHING`,
      [id, login, passwordHash],
    );
    return rowCount === 1;
  }

  async byLogin({ typed, value }: Login, transaction?: Transaction): Promise<User | undefined> {
    const state = transaction
      ? (await pgOf(transaction).query<UserState>(BY_LOGINS, [[typed], [value]])).rows[0]
      : await this.#byLogin.find(typed);
    return state && User.restore(state);
  }

  async byId(id: string, transaction?: Transaction): Promise<User | undefined> {
    const { rows } = await (transaction ? pgOf(transaction) : this.database).query<UserState>(
      `${SELECT_USERS} WHERE id = $1 AND forgotten_at IS NULL`,
      [id],
    );
    const [state] = rows;
    return state && User.restore(state);
  }

  async notNormalized(limit: number): Promise<readonly User[]> {
    const { rows } = await this.database.query<UserState>(
      `${SELECT_USERS} WHERE login IS NOT NFC NORMALIZED ORDER BY login LIMIT $1`,
      [limit],
    );
    return rows.map((state) => User.restore(state));
  }
}

/** Each row has a trigger write another, and a statement may take 4 s. */
const USERS_AT_ONCE = 10_000;

/**
 * Each change is one statement, so that of two at once the second one sees what the first has made.
 * Triggers make sure that a generation that is raised is a new one, and store that the sessions
 * below it have ended.
 */
@Injectable()
export class SqlUserAccess extends UserAccess {
  async changePassword(
    transaction: Transaction,
    { userId, hash, generation }: NewPassword,
  ): Promise<ChangedPassword | undefined> {
    const { rows } = await pgOf(transaction).query<ChangedPassword>(
      `WITH changed AS (
         UPDATE gophermart.users SET password_hash = $2, generation = generation + 1
         WHERE id = $1 AND forgotten_at IS NULL AND password_hash <> $2
           AND ($3::integer IS NULL OR generation = $3 AND blocked_at IS NULL)
         RETURNING generation
       )
       SELECT generation, true AS "isNew" FROM changed
       UNION ALL SELECT generation, false FROM gophermart.users
       WHERE id = $1 AND password_hash = $2
         AND ($3::integer IS NULL OR generation > $3 AND blocked_at IS NULL)`,
      [userId, hash, generation ?? null],
    );
    return rows[0];
  }

  endSessions(transaction: Transaction, userId: string, generation: number): Promise<boolean> {
    return update(transaction, userId, 'generation = generation + 1', 'generation = $2', [
      generation,
    ]);
  }

  async endSessionsAfter(
    transaction: Transaction,
    userId: string | undefined,
  ): Promise<string | undefined> {
    const { rows } = await pgOf(transaction).query<{ last: string }>(
      `WITH slice AS (
         SELECT id FROM gophermart.users WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2
       ), ended AS (
         UPDATE gophermart.users u SET generation = generation + 1
         FROM slice WHERE u.id = slice.id AND forgotten_at IS NULL
       )
       SELECT id AS last FROM slice ORDER BY id DESC LIMIT 1`,
      [userId ?? null, USERS_AT_ONCE],
    );
    return rows[0]?.last;
  }

  block(transaction: Transaction, userId: string, reason: string): Promise<boolean> {
    return update(
      transaction,
      userId,
      `blocked_at = clock_timestamp(), block_reason = $2, generation = generation + 1`,
      'blocked_at IS NULL AND $2::text IS NOT NULL',
      [reason],
    );
  }

  unblock(transaction: Transaction, userId: string): Promise<boolean> {
    return update(
      transaction,
      userId,
      'blocked_at = NULL, block_reason = NULL',
      'blocked_at IS NOT NULL',
    );
  }

  forget(transaction: Transaction, userId: string): Promise<boolean> {
    return update(
      transaction,
      userId,
      `login = NULL, password_hash = NULL, block_reason = NULL,
       forgotten_at = clock_timestamp(), generation = generation + 1`,
    );
  }
}

/** @returns whether there was such a user. */
async function update(
  transaction: Transaction,
  userId: string,
  changes: string,
  condition = 'true',
  values: readonly (string | number)[] = [],
): Promise<boolean> {
  const { rowCount } = await pgOf(transaction).query(
    `UPDATE gophermart.users SET ${changes}
     WHERE id = $1 AND forgotten_at IS NULL AND ${condition}`,
    [userId, ...values],
  );
  return rowCount === 1;
}
