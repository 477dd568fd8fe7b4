import type { Mutant } from '../mutant.js';

const UNIT_OF_WORK = 'src/platform/postgres/pg-unit-of-work.ts';
const TRANSACTION = 'src/platform/postgres/pg-transaction.ts';
const PREPARED = 'src/platform/postgres/prepared-statements.ts';
const UNIT_OF_WORK_TEST = 'test/integration/postgres/unit-of-work.test.ts';
const GROUP_COMMIT = 'src/kernel/application/group-commit.ts';

export const TRANSACTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'swallowed SQL error',
    why: 'PostgreSQL answers COMMIT with ROLLBACK, and the caller is told that all is stored',
    edits: [{ file: TRANSACTION, find: `if (answer !== 'COMMIT')`, replace: `if (answer === '')` }],
    killer: {
      file: UNIT_OF_WORK_TEST,
      test: 'PgUnitOfWork takes no swallowed SQL error for success',
    },
  },
  {
    name: 'swallowed failure of a subscriber',
    why: 'an upload is accepted though its task could not be enqueued',
    edits: [
      {
        file: 'src/kernel/application/domain-events.ts',
        find: 'await (subscriber as Subscriber<E>)(events, transaction);',
        replace:
          'await Promise.resolve((subscriber as Subscriber<E>)(events, transaction)).catch(() => undefined);',
      },
    ],
    killer: {
      file: 'src/kernel/application/domain-events.spec.ts',
      test: 'DomainEvents fails the publisher with what a subscriber fails with, and goes no further',
    },
  },
  {
    name: 'woken before the commit',
    why: 'the worker looks for a task that is not there yet, and the next tick is 250 ms away; after a rollback it looks for nothing',
    edits: [
      {
        file: UNIT_OF_WORK,
        find: 'await transaction.commit();',
        replace: 'transaction.callBack(); await transaction.commit();',
      },
    ],
    killer: {
      file: UNIT_OF_WORK_TEST,
      test: 'PgUnitOfWork takes no swallowed SQL error for success',
    },
  },
  {
    name: '40001 is not tried again',
    why: 'a serialization failure, which only asks for another try, is a 500',
    edits: [
      {
        file: 'src/platform/postgres/failures.ts',
        find: '/^(40001|40P01)$/',
        replace: '/^(40P01)$/',
      },
    ],
    killer: {
      file: 'src/platform/postgres/failures.spec.ts',
      test: 'isConflict sees that 40001 asks to be tried again',
    },
  },
  {
    name: 'a lost COMMIT is not looked after',
    why: 'a client whose upload was stored is told 503, or 200 instead of 202 when it asks again',
    edits: [
      {
        file: UNIT_OF_WORK,
        find: 'failure instanceof StaleState || failure instanceof ConnectionLost ||',
        replace: 'failure instanceof StaleState ||',
      },
      {
        file: UNIT_OF_WORK,
        find: 'import { ConnectionLost, StaleState }',
        replace: 'import { StaleState }',
      },
    ],
    killer: {
      file: 'test/integration/postgres/lost-commits.test.ts',
      test: 'a connection that is cut at COMMIT stores an upload once and answers 202: ["unanswered"]',
    },
  },
  {
    name: 'the own earlier try is a stranger’s',
    why: 'a registration whose COMMIT went through unanswered is told that the login is taken',
    edits: [
      {
        file: 'src/auth/application/register-user.ts',
        find: 'if (owner?.id !== user.id)',
        replace: 'if (owner)',
      },
    ],
    killer: {
      file: 'src/auth/application/register-user.spec.ts',
      test: 'RegisterUser recognises its own earlier try after a connection lost at COMMIT',
    },
  },
  {
    name: 'all of a list fail for one',
    why: 'one award that the database refuses takes 499 good ones with it',
    edits: [{ file: GROUP_COMMIT, find: '&& list.length > 1)', replace: '&& list.length < 1)' }],
    killer: {
      file: 'test/integration/queue/queue-settle.test.ts',
      test: 'SettleTasks on a database rolls all of it back when the account cannot take the award',
    },
  },
  {
    name: 'a statement after the end',
    why: 'what was not awaited runs on a connection that is somebody else’s by then, and is committed with their transaction',
    edits: [
      {
        file: TRANSACTION,
        find: 'if (this.#hasEnded) throw',
        replace: 'if (this.#hasEnded && this.#unsent.length < 0) throw',
      },
    ],
    killer: {
      file: UNIT_OF_WORK_TEST,
      test: 'PgUnitOfWork refuses what comes after the end: the connection is somebody else’s by then',
    },
  },
  {
    name: 'a COMMIT behind what could not be sent',
    why: 'half of a transaction is committed, and its caller told that it failed',
    edits: [
      {
        file: 'src/platform/postgres/pg-batch.ts',
        find: 'if (this.#error) return;',
        replace: '',
      },
    ],
    killer: {
      file: 'test/integration/postgres/pg-batch.test.ts',
      test: 'sendTogether commits nothing where a parameter cannot be sent',
    },
  },
  {
    name: 'a COMMIT that was refused',
    why: 'whoever left between the decision and the COMMIT is charged, after the retry was told 402',
    edits: [
      {
        file: 'src/platform/postgres/pg-batch.ts',
        find: 'this.#error ??= refusal;',
        replace: 'void refusal;',
      },
    ],
    killer: {
      file: 'test/integration/postgres/pg-batch.test.ts',
      test: 'sendTogether sends no last statement that is refused, and goes on',
    },
  },
  {
    name: 'a plan for ever',
    why: 'a service that started on an empty database goes through all orders for each upload, and they grow',
    edits: [
      {
        file: PREPARED,
        find: 'served.executions < LIMITS.executions &&',
        replace: 'served.executions >= 0 &&',
      },
    ],
    killer: {
      file: 'test/integration/postgres/prepared-statements.test.ts',
      test: 'PreparedStatements has a statement prepared once for 64 executions, and anew for the next',
    },
  },
  {
    name: 'a plan that is kept however bad it is',
    why: 'a claim that was planned for an empty queue sorts a million tasks, again and again',
    edits: [
      { file: PREPARED, find: 'if (ms > LIMITS.slowMs)', replace: 'if (ms > 1e6 * LIMITS.slowMs)' },
    ],
    killer: {
      file: 'test/integration/postgres/prepared-statements.test.ts',
      test: 'PreparedStatements has a statement prepared anew when it was slow',
    },
  },
  {
    name: 'prepared in spite of a failure',
    why: 'what stood behind a failed statement was never parsed: whoever gets the connection next is refused, again and again',
    edits: [{ file: PREPARED, find: 'this.#served.clear();', replace: '' }],
    killer: {
      file: 'test/integration/postgres/prepared-statements.test.ts',
      test: 'PreparedStatements prepares again what a failure has left in doubt',
    },
  },
  {
    name: 'decided before the sockets are read',
    why: 'whoever was told 402 by another replica, and had closed this connection before, is charged all the same',
    edits: [
      {
        file: 'src/account/application/withdraw-points.ts',
        find: 'await untilSocketsAreRead();',
        replace: 'void untilSocketsAreRead();',
      },
    ],
    killer: {
      file: 'src/account/application/withdraw-points.spec.ts',
      test: 'WithdrawPoints charges no caller whose disconnect is read in the same turn as the lock, after it',
    },
  },
  {
    name: 'waiting without end',
    why: 'a database that stalls fills the memory with requests instead of refusing them with 503',
    edits: [
      {
        file: GROUP_COMMIT,
        find: 'this.#waiting.length >= maxWaiting',
        replace: 'this.#waiting.length === Infinity',
      },
    ],
    killer: {
      file: 'src/kernel/application/group-commit.spec.ts',
      test: 'GroupCommit refuses the command that is too many, and only that one',
    },
  },
  {
    name: 'migrations of several replicas at once',
    why: 'pg_try_advisory_lock does not wait: replicas that start together run the same migration',
    edits: [
      {
        file: 'src/platform/postgres/migrate.ts',
        find: 'SELECT pg_advisory_lock($1)',
        replace: 'SELECT pg_try_advisory_lock($1)',
      },
    ],
    killer: {
      file: 'test/integration/postgres/migrations.test.ts',
      test: 'migrate gives up waiting for another replica when the service is stopped',
    },
  },
];
