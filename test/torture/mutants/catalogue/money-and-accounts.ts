import { mutant } from '../mutant.js';

const ACCOUNT_SPEC = 'src/account/domain/account.spec.ts';
const ACCOUNT = 'src/account/domain/account.ts';
const ACCOUNT_RACES_TEST = 'test/integration/account/account-races.test.ts';
const WITHDRAW_POINTS = 'src/account/application/withdraw-points.ts';
const ACCOUNT_REPOSITORY_TEST = 'test/integration/account/account-repository.test.ts';
const SQL_ACCOUNT_REPOSITORY = 'src/account/infrastructure/sql-account-repository.ts';

export const MONEY_MUTANTS = [
  mutant(
    'float money, read from JSON',
    'an accrual goes through a JavaScript number on its way: ' +
      '729.974999999999999999999999999999 becomes 729.975, and a kopeck more',
    [
      'src/cashback/infrastructure/accrual-protocol.spec.ts',
      'readReply awards 729.974999999999999999999999999999 as 729.97',
    ],
    [
      'src/cashback/infrastructure/accrual-protocol.ts',
      'Money.rounded(accrual.value)',
      'Money.rounded(`${Number(accrual.value)}`)',
    ],
  ),
  mutant(
    '"751" is a number',
    'a sum in quotes, a 400 by the contract, is charged',
    ['test/e2e/points/sums.test.ts', 'a sum that is no JSON number, "\\"751\\"", is 400'],
    [
      'src/platform/http/json/json-body.ts',
      'validate: isLosslessNumber,',
      "validate: (value: unknown) => isLosslessNumber(value) || typeof value === 'string',",
    ],
  ),
  mutant(
    'idempotency forgotten',
    'a client that repeats a withdrawal, because the reply was lost, is charged twice',
    [ACCOUNT_SPEC, 'Account charges the same withdrawal once'],
    [ACCOUNT, 'if (payments.include(payment)) return false;', 'payments.include(payment);'],
  ),
  mutant(
    'a charge for nobody',
    'a withdrawal that its client gave up is carried out after the retry was told 402: ' +
      'the customer has paid for what the shop did not sell',
    [
      ACCOUNT_RACES_TEST,
      'accounts in a race ' +
        'charges nobody who left while it waited for the lock, and goes on with others',
    ],
    [WITHDRAW_POINTS, 'withdrawals[place]?.caller.isDisconnected === true', 'false'],
  ),
  mutant(
    '402 before 409',
    'a number that was paid otherwise is called a want of points, ' +
      'and the client tries again after earning some',
    [
      ACCOUNT_SPEC,
      'Account says that a number was paid otherwise before it says that points are missing',
    ],
    [
      ACCOUNT,
      "if (payments.include(payment)) return false; this.move('WITHDRAWAL'",
      'if (!this.state.balance.isBelow(sum) && payments.include(payment)) return false; ' +
        "this.move('WITHDRAWAL'",
    ],
  ),
  mutant(
    'missing lock of the account',
    'two withdrawals at once both see the balance that covers one of them',
    [ACCOUNT_REPOSITORY_TEST, 'SqlAccountRepository holds its locks until the transaction ends'],
    [SQL_ACCOUNT_REPOSITORY, 'ORDER BY user_id FOR NO KEY UPDATE', 'ORDER BY user_id'],
  ),
  mutant(
    'unsorted locks of accounts',
    'two batches that name the same accounts in opposite orders deadlock',
    ['test/integration/postgres/lock-order.test.ts', 'the one order of locks holds for accounts'],
    [
      SQL_ACCOUNT_REPOSITORY,
      'ORDER BY user_id FOR',
      'ORDER BY array_position($1::uuid[], user_id) FOR',
    ],
  ),
  mutant(
    'payments read before the lock',
    'the payment that the lock waited for is not seen: ' +
      'the work is done again, and under load given up',
    [ACCOUNT_RACES_TEST, 'accounts in a race sees the payment that its lock waited for'],
    [WITHDRAW_POINTS, 'const [accounts, payments]', 'const [payments, accounts]'],
    [
      WITHDRAW_POINTS,
      'this.accounts.lock(transaction, users), this.accounts.payments(transaction, numbers),',
      'this.accounts.payments(transaction, numbers), this.accounts.lock(transaction, users),',
    ],
  ),
  mutant(
    'UPDATE without the owner',
    'one customer’s new balance is everybody’s',
    [
      ACCOUNT_REPOSITORY_TEST,
      'SqlAccountRepository ' +
        'stores a batch of movements by two statements, balances and ledger alike',
    ],
    [SQL_ACCOUNT_REPOSITORY, 'WHERE a.user_id = s.user_id', 'WHERE s.user_id IS NOT NULL'],
  ),
  mutant(
    'fewer ledger entries than movements',
    'the balance is charged, the ledger has no entry: ON CONFLICT DO NOTHING was taken for success',
    [ACCOUNT_REPOSITORY_TEST, 'SqlAccountRepository says so when the state stays stale'],
    [
      SQL_ACCOUNT_REPOSITORY,
      'ORDER BY order_num COLLATE "C", kind`',
      'ORDER BY order_num COLLATE "C", kind ON CONFLICT DO NOTHING`',
    ],
  ),
  mutant(
    'entries older than the one before',
    'after a step of the database’s clock a withdrawal is dated before the points that it spends',
    [
      ACCOUNT_REPOSITORY_TEST,
      'SqlAccountRepository ' +
        'dates a batch with one moment of the database, and never before the last entry',
    ],
    [
      SQL_ACCOUNT_REPOSITORY,
      'greatest((SELECT clock_timestamp()), (',
      'coalesce((SELECT clock_timestamp()), (',
    ],
  ),
  mutant(
    'times without their zone',
    'under a database in Moscow time every withdrawal is shown three hours late',
    [
      'test/integration/account/account-queries.test.ts',
      'what a user sees of the books tells times in UTC, whatever the zone of the session',
    ],
    [
      'src/platform/postgres/reads/batched-list.ts',
      "to_char(${column} AT TIME ZONE 'UTC',",
      'to_char(${column},',
    ],
  ),
  mutant(
    'decided before the ends are read',
    'whoever was told 402 by another replica, and had closed this connection before, ' +
      'is charged all the same',
    [
      'src/account/application/withdraw-points.spec.ts',
      'WithdrawPoints charges no caller whose disconnect is read after the lock, in the same turn',
    ],
    [WITHDRAW_POINTS, 'await refreshAll(charged.flatMap(', 'void refreshAll(charged.flatMap('],
  ),
  mutant(
    'told 503 and charged later',
    'whoever was told 503 while a batch waited for a lock, and 402 elsewhere, is charged',
    [
      'src/account/application/withdraw-points.spec.ts',
      'WithdrawPoints charges no caller who was told meanwhile that it takes too long',
    ],
    [WITHDRAW_POINTS, '!isAwaited(place) ||', 'isAwaited(place) === undefined ||'],
  ),
];
