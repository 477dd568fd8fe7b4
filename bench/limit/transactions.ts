import { userIdSql } from '../books/users.js';

/**
 * A statement with pgbench's variables: `:user` is drawn from the users, `:num` is a fresh
 * number each time.
 */
export interface Statement {
  readonly sql: string;
  /** Its row's columns become variables of the statements after it. */
  readonly keeps?: true;
}

/** The rows that a call of the service reads or writes, by plain SQL. */
export interface Transaction {
  readonly name: string;
  readonly statements: readonly Statement[];
}

const USER = userIdSql(':user::bigint');

const BEGIN: Statement = { sql: 'BEGIN' };
const COMMIT: Statement = { sql: 'COMMIT' };

export const SELECT_BALANCE: Transaction = {
  name: 'balance',
  statements: [
    { sql: `SELECT balance, withdrawn FROM gophermart.accounts WHERE user_id = ${USER}` },
  ],
};

/**
 * What the index has, as the service reads it: the four columns would come from the table, a page
 * each, which is half as quick and no limit.
 */
export const SELECT_ORDERS: Transaction = {
  name: 'orders',
  statements: [
    {
      sql: `SELECT as_json FROM gophermart.orders WHERE user_id = ${USER}
        ORDER BY uploaded_at DESC, id DESC`,
    },
  ],
};

const ORDER = `INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
  VALUES (uuidv7(), ${USER}, :num, 'NEW', now())`;
const TASK = `INSERT INTO gophermart.queue
  (order_id, status, enqueued_at, next_attempt_at, status_changed_at)`;

export const INSERT_ORDER: Transaction = {
  name: 'upload',
  statements: [
    BEGIN,
    { sql: `${ORDER} RETURNING id AS order_id`, keeps: true },
    { sql: `${TASK} VALUES (:order_id, 'PENDING', now(), now(), now())` },
    COMMIT,
  ],
};

/**
 * The same rows in one round trip: no application is written so, but no client can be leaner.
 */
export const INSERT_ORDER_AT_ONCE: Transaction = {
  name: 'upload-at-once',
  statements: [
    {
      sql: `WITH uploaded AS (${ORDER} RETURNING id)
        ${TASK} SELECT id, 'PENDING', now(), now(), now() FROM uploaded`,
    },
  ],
};

const CHARGE = `
  UPDATE gophermart.accounts
  SET balance = balance - 0.01, withdrawn = withdrawn + 0.01, version = version + 1
  WHERE user_id = ${USER} AND balance >= 0.01`.trim();
const ENTRY = `INSERT INTO gophermart.ledger_entries
  (id, account_id, version, kind, amount, balance_after, withdrawn_after, order_num, at)`;

export const WITHDRAW: Transaction = {
  name: 'withdraw',
  statements: [
    BEGIN,
    {
      sql: `${CHARGE} RETURNING version, balance AS balance_after, withdrawn AS withdrawn_after`,
      keeps: true,
    },
    {
      sql: `${ENTRY}
        VALUES (uuidv7(), ${USER}, :version, 'WITHDRAWAL', 0.01, :balance_after,
          :withdrawn_after, :num, now())`,
    },
    COMMIT,
  ],
};
