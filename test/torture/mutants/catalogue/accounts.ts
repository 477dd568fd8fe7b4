import type { Mutant } from '../mutant.js';

const ACCOUNT = 'src/account/domain/account.ts';
const ACCOUNT_SPEC = 'src/account/domain/account.spec.ts';
const REPOSITORY = 'src/account/infrastructure/sql-account-repository.ts';
const REPOSITORY_TEST = 'test/integration/account/account-repository.test.ts';

export const ACCOUNT_MUTANTS: readonly Mutant[] = [
  {
    name: 'idempotency forgotten',
    why: 'a client that repeats a withdrawal, because the reply was lost, is charged twice',
    edits: [
      {
        file: ACCOUNT,
        find: 'if (payments.include(payment)) return;',
        replace: 'payments.include(payment);',
      },
    ],
    killer: { file: ACCOUNT_SPEC, test: 'Account charges the same withdrawal once' },
  },
  {
    name: 'idempotency key of anybody',
    why: 'whoever repeats another user’s paid number is told 200, and gets an order for nothing',
    edits: [
      {
        file: 'src/account/domain/payments.ts',
        find: 'made.accountId !== accountId ||',
        replace: 'accountId === undefined ||',
      },
    ],
    killer: {
      file: 'src/account/domain/payments.spec.ts',
      test: 'Payments refuses the same number with another user',
    },
  },
  {
    name: 'a charge for nobody',
    why: 'a withdrawal that its client gave up is carried out after the retry was told 402: the customer has paid for what the shop did not sell',
    edits: [
      {
        file: 'src/account/application/withdraw-points.ts',
        find: 'throwIfDisconnected(each.caller);',
        replace: '',
      },
      {
        file: 'src/account/application/withdraw-points.ts',
        find: 'import { type Caller, throwIfDisconnected, untilSocketsAreRead, }',
        replace: 'import { type Caller, untilSocketsAreRead }',
      },
      {
        file: 'src/account/application/withdraw-points.ts',
        find: 'if (charged.some(({ caller }) => caller.isDisconnected)) throw',
        replace: 'if (charged.length < 0) throw',
      },
    ],
    killer: {
      file: 'test/integration/account/account-races.test.ts',
      test: 'accounts in a race charges no caller who disconnected while the list waited for the lock, and goes on with the rest',
    },
  },
  {
    name: '402 before 409',
    why: 'a number that was paid otherwise is called a want of points, and the client tries again after earning some',
    edits: [
      {
        file: ACCOUNT,
        find: 'if (payments.include(payment)) return; const { balance, withdrawn } = this.state;',
        replace:
          'const { balance, withdrawn } = this.state; if (!balance.isBelow(sum) && payments.include(payment)) return;',
      },
    ],
    killer: {
      file: ACCOUNT_SPEC,
      test: 'Account says that a number was paid otherwise before it says that points are missing',
    },
  },
  {
    name: 'a balance without a ceiling',
    why: 'credits pass 10¹³, which numeric(20,2) and the CHECK refuse: the whole list of settlements fails for one',
    edits: [
      {
        file: ACCOUNT,
        find: '!balance.isBelow(Money.LIMIT)',
        replace: 'balance.isBelow(Money.ZERO)',
      },
    ],
    killer: { file: ACCOUNT_SPEC, test: 'Account stays below 10¹³ points' },
  },
  {
    name: 'missing lock of the account',
    why: 'two withdrawals at once both see the balance that covers one of them',
    edits: [
      { file: REPOSITORY, find: 'ORDER BY user_id FOR NO KEY UPDATE', replace: 'ORDER BY user_id' },
    ],
    killer: {
      file: REPOSITORY_TEST,
      test: 'SqlAccountRepository holds its locks until the transaction ends',
    },
  },
  {
    name: 'unsorted locks of accounts',
    why: 'two lists that name the same accounts in opposite orders deadlock',
    edits: [
      {
        file: REPOSITORY,
        find: 'ORDER BY user_id FOR',
        replace: 'ORDER BY array_position($1::uuid[], user_id) FOR',
      },
    ],
    killer: {
      file: 'test/integration/postgres/lock-order.test.ts',
      test: 'the one order of locks holds for accounts',
    },
  },
  {
    name: 'payments read before the lock',
    why: 'the payment that the lock waited for is not seen: the work is done again, and under load given up',
    edits: [
      {
        file: 'src/account/application/withdraw-points.ts',
        find: 'const [accounts, payments]',
        replace: 'const [payments, accounts]',
      },
      {
        file: 'src/account/application/withdraw-points.ts',
        find: 'this.accounts.lock(transaction, users), this.accounts.payments(transaction, numbers),',
        replace:
          'this.accounts.payments(transaction, numbers), this.accounts.lock(transaction, users),',
      },
    ],
    killer: {
      file: 'test/integration/account/account-races.test.ts',
      test: 'accounts in a race sees the payment that its lock waited for',
    },
  },
  {
    name: 'UPDATE without the owner',
    why: 'one customer’s new balance is everybody’s',
    edits: [
      {
        file: REPOSITORY,
        find: 'WHERE a.user_id = s.user_id',
        replace: 'WHERE s.user_id IS NOT NULL',
      },
    ],
    killer: {
      file: REPOSITORY_TEST,
      test: 'SqlAccountRepository stores a list of movements by two statements, balances and ledger alike',
    },
  },
  {
    name: 'fewer ledger entries than movements',
    why: 'the balance is charged, the ledger has no entry: ON CONFLICT DO NOTHING was taken for success',
    edits: [
      {
        file: REPOSITORY,
        find: 'ORDER BY order_num COLLATE "C", kind`',
        replace: 'ORDER BY order_num COLLATE "C", kind ON CONFLICT DO NOTHING`',
      },
    ],
    killer: {
      file: REPOSITORY_TEST,
      test: 'SqlAccountRepository says so when the state stays stale',
    },
  },
];
