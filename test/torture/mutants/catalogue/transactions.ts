import { mutant } from '../mutant.js';

const UNIT_OF_WORK_TEST = 'test/integration/postgres/unit-of-work.test.ts';
const PG_TRANSACTION = 'src/platform/postgres/pg-transaction.ts';
const PG_UNIT_OF_WORK = 'src/platform/postgres/pg-unit-of-work.ts';
const LOST_COMMITS_TEST = 'test/integration/postgres/lost-commits.test.ts';
const PG_BATCH_TEST = 'test/integration/postgres/pg-batch.test.ts';
const PG_BATCH = 'src/platform/postgres/pg-batch.ts';
const CONNECT = 'src/platform/postgres/connect.ts';
const SETTINGS_TEST = 'test/integration/postgres/database-settings.test.ts';
const SETTINGS_KILLER =
  'what a database sets for its sessions does not reach our transactions, nor single statements';

export const TRANSACTION_MUTANTS = [
  mutant(
    'swallowed SQL error',
    'PostgreSQL answers COMMIT with ROLLBACK, and the caller is told that all is stored',
    [UNIT_OF_WORK_TEST, 'PgUnitOfWork takes no swallowed SQL error for success'],
    [PG_TRANSACTION, "if (answer !== 'COMMIT')", "if (answer === '')"],
  ),
  mutant(
    'swallowed failure of a subscriber',
    'an upload is accepted though its task could not be enqueued',
    [
      'src/kernel/application/domain-events.spec.ts',
      'DomainEvents fails the publisher with what a subscriber fails with, and goes no further',
    ],
    [
      'src/kernel/application/domain-events.ts',
      'await (subscriber as Subscriber<E>)(events, transaction);',
      'try { await (subscriber as Subscriber<E>)(events, transaction); } catch { continue; }',
    ],
  ),
  mutant(
    'woken before the commit',
    'the worker looks for a task that is not there yet, and the next tick is 250 ms away; ' +
      'after a rollback it looks for nothing',
    [UNIT_OF_WORK_TEST, 'PgUnitOfWork takes no swallowed SQL error for success'],
    [
      PG_UNIT_OF_WORK,
      'await transaction.commit();',
      'transaction.callBack(); await transaction.commit();',
    ],
  ),
  mutant(
    'a lost COMMIT is not looked after',
    'a client whose upload was stored is told 503, or 200 instead of 202 when it asks again',
    [
      LOST_COMMITS_TEST,
      'a connection that is cut at COMMIT stores an upload once and answers 202: ["unanswered"]',
    ],
    [
      'src/platform/postgres/failures.ts',
      'failure instanceof StaleState || failure instanceof ConnectionLost)',
      'failure instanceof StaleState)',
    ],
  ),
  mutant(
    'the own earlier try is a stranger’s',
    'a registration whose COMMIT went through unanswered is told that the login is taken',
    [
      'src/auth/application/register-user.spec.ts',
      'RegisterUser recognises its own earlier try after a connection lost at COMMIT',
    ],
    ['src/auth/application/register-user.ts', 'if (owner?.id !== user.id)', 'if (owner)'],
  ),
  mutant(
    'all of a batch fail for one',
    'one award that the database refuses takes 499 good ones with it',
    [
      'test/integration/cashback/queue/queue-settle.test.ts',
      'SettleTasks on a database rolls all of it back when the account cannot take the points',
    ],
    [
      'src/kernel/application/batches/group-commit.ts',
      '&& batch.length > 1)',
      '&& batch.length < 1)',
    ],
  ),
  mutant(
    'a statement after the end',
    'what was not awaited runs on a connection that is somebody else’s by then, ' +
      'and is committed with their transaction',
    [
      UNIT_OF_WORK_TEST,
      'PgUnitOfWork refuses what comes after the end: the connection is somebody else’s by then',
    ],
    [
      PG_TRANSACTION,
      'if (this.#hasEnded) throw',
      'if (this.#hasEnded && this.#unsent.length < 0) throw',
    ],
  ),
  mutant(
    'a COMMIT behind what could not be sent',
    'half of a transaction is committed, and its caller told that it failed',
    [PG_BATCH_TEST, 'sendTogether commits nothing where a parameter cannot be sent'],
    [PG_BATCH, 'if (this.#error) return;', ''],
  ),
  mutant(
    'a COMMIT that was refused',
    'whoever left between the decision and the COMMIT is charged, after the retry was told 402',
    [PG_BATCH_TEST, 'sendTogether sends no last statement that is refused, and goes on'],
    [PG_BATCH, 'this.#error ??= refusal;', 'void refusal;'],
  ),
  mutant(
    'prepared in spite of a failure',
    'what stood behind a failed statement was never parsed: ' +
      'whoever gets the connection next is refused, again and again',
    [
      'test/integration/postgres/prepared-statements.test.ts',
      'PreparedStatements prepares again what a failure has left in doubt',
    ],
    ['src/platform/postgres/prepared-statements.ts', 'this.#served.clear();', ''],
  ),
  mutant(
    'an absent database is our mistake',
    'clients see 500 and give up, where 503 with Retry-After tells them to come back',
    [
      LOST_COMMITS_TEST,
      'a connection that is cut at COMMIT ' +
        'answers 503, not 500, while the database is away, and works when it is back',
    ],
    [
      'src/kernel/application/persistence-errors.ts',
      'error instanceof DatabaseUnavailable || error instanceof Overloaded',
      '(error instanceof DatabaseUnavailable && !error.message) || error instanceof Overloaded',
    ],
  ),
  mutant(
    'no time-out of our own',
    'callers wait as long as the network takes to notice that the database is gone: hours',
    [
      'test/e2e/database/database-silent.test.ts',
      'a database that does not answer keeps nobody waiting, and is asked for no ROLLBACK',
    ],
    [PG_TRANSACTION, 'Math.max(1, this.deadline', 'Math.max(3_600_000, this.deadline'],
  ),
  mutant(
    'a failed connection back in the pool',
    'whoever gets it next waits for an answer that went elsewhere, or never comes',
    [
      'test/integration/postgres/unit-of-work-sessions.test.ts',
      'PgUnitOfWork, when a session ends ' +
        'does not use a connection again that has not answered in time',
    ],
    [PG_TRANSACTION, 'this.#client.release(this.#isBroken);', 'this.#client.release();'],
  ),
  mutant(
    'no time-out for locks',
    'a row that somebody has locked takes one connection after another',
    [SETTINGS_TEST, SETTINGS_KILLER],
    [CONNECT, "set_config('lock_timeout', '3000', true),", ''],
  ),
  mutant(
    'no time-out for idle transactions',
    'a replica that is stopped in the middle of a transaction keeps its locks for ever',
    [SETTINGS_TEST, SETTINGS_KILLER],
    [CONNECT, "set_config('idle_in_transaction_session_timeout', '10000', true),", ''],
  ),
  mutant(
    'migrations of several replicas at once',
    'nobody waits for the lock: replicas that start together run the same migration',
    [
      'test/integration/schema/migrations.test.ts',
      'migrate gives up waiting for another replica when the service is stopped',
    ],
    [
      'src/platform/postgres/schema/migrate.ts',
      'if (rows[0]?.isOurs) return;',
      'if (rows[0]) return;',
    ],
  ),
];
