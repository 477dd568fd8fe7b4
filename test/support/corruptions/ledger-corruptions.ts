import {
  about,
  book,
  type Corruption,
  type Draw,
  EARNER,
  entry,
  OTHER_EARNER,
  STRANGE_NUMBER,
} from './corruption.js';
import { ENTRIES_PER_EARNER, sample } from './sample-books.js';

export function corruptionsOfEntries(draw: Draw): Corruption[] {
  const [a, b] = [draw(EARNER), draw(OTHER_EARNER)];
  const last = ENTRIES_PER_EARNER;
  const lost = (version: number): string =>
    `DELETE FROM gophermart.ledger_entries WHERE id = '${sample.entry(a, version)}'`;
  const sums = ['account-balance', 'account-withdrawn'] as const;
  const inTheFuture = (version: number): string =>
    entry(a, version, `at = now() + interval '1 day'`);
  const awarded = `(SELECT accrual FROM gophermart.orders WHERE num = '${sample.number(a, 1)}')`;
  return [
    ...about(
      [sample.account(a)],
      [
        [
          'a running balance off',
          entry(a, 3, 'balance_after = balance_after + 0.01'),
          'entry-balance',
          'entry-balance',
        ],
        [
          'the last balance off',
          entry(a, last, 'balance_after = balance_after + 1'),
          'entry-balance',
          'account-last-entry',
        ],
        [
          'a last balance that is no number',
          entry(a, last, `balance_after = 'NaN'`),
          'entry-balance',
          'account-last-entry',
        ],
        [
          'a running sum of withdrawals off',
          entry(a, 3, 'withdrawn_after = withdrawn_after + 0.01'),
          'entry-withdrawn',
          'entry-withdrawn',
        ],
        [
          'the last sum of withdrawals off',
          entry(a, last, 'withdrawn_after = withdrawn_after + 1'),
          'entry-withdrawn',
          'account-last-withdrawn',
        ],
        [
          'a withdrawal made smaller',
          entry(a, 4, 'amount = amount / 2'),
          'entry-balance',
          'entry-withdrawn',
          ...sums,
        ],
        [
          'no amount at all',
          entry(a, 4, 'amount = NULL'),
          'entry-balance',
          'entry-withdrawn',
          'entry-amount',
          ...sums,
        ],
        [
          'the last withdrawal lost',
          lost(last),
          ...sums,
          'account-version',
          'account-last-entry',
          'account-last-withdrawn',
        ],
        [
          'a withdrawal in the middle lost',
          lost(4),
          ...sums,
          'account-version',
          'entry-version',
          'entry-balance',
          'entry-withdrawn',
        ],
        ['a version left out', entry(a, last, 'version = version + 1'), 'entry-version'],
        ['versions from zero', entry(a, 1, 'version = 0'), 'entry-version', 'entry-version'],
        [
          'more spent than there was',
          book(a, 'WITHDRAWAL', '1000000.00', STRANGE_NUMBER),
          'entry-overdrawn',
          'account-impossible',
        ],
        ['a movement of nothing', book(a, 'WITHDRAWAL', '0.00', STRANGE_NUMBER), 'entry-amount'],
        ['a negative withdrawal', book(a, 'WITHDRAWAL', '-5.00', STRANGE_NUMBER), 'entry-amount'],
        ['an entry of tomorrow', inTheFuture(2), 'entry-in-future'],
        [
          'an adjustment of nothing',
          book(a, 'ADJUSTMENT', '0.00', null, 'of nothing'),
          'entry-amount',
        ],
        [
          'an adjustment for an order',
          book(a, 'ADJUSTMENT', '-0.01', STRANGE_NUMBER, 'for an order'),
          'entry-order',
        ],
        [
          'an award without its order',
          entry(a, 3, 'order_num = NULL'),
          'entry-order',
          'order-not-credited',
          'accrual-without-order',
        ],
        ['an adjustment without a reason', book(a, 'ADJUSTMENT', '5.00', null), 'entry-reason'],
        [
          'a reversal of nothing that was paid',
          book(a, 'REVERSAL', '0.01', STRANGE_NUMBER, 'sent back'),
          'reversal-without-withdrawal',
        ],
      ],
    ),
    ...about(
      [sample.account(a), sample.number(a, 1), sample.number(a, 2)],
      [
        [
          'an award made a withdrawal',
          entry(a, 3, `kind = 'WITHDRAWAL'`),
          'entry-balance',
          'entry-withdrawn',
          ...sums,
          'order-not-credited',
        ],
        [
          'an award made larger',
          entry(a, 3, 'amount = amount * 2'),
          'entry-balance',
          'account-balance',
          'accrual-sum',
        ],
        [
          'the first entry lost',
          lost(1),
          'account-balance',
          'account-version',
          'entry-version',
          'entry-balance',
          'order-not-credited',
        ],
        [
          'an order credited twice',
          book(a, 'ACCRUAL', awarded, sample.number(a, 1)),
          'entry-twice',
        ],
      ],
    ),
    ...about(
      [STRANGE_NUMBER, sample.account(b)],
      [
        [
          'a number paid twice',
          [a, b].flatMap((i) => book(i, 'WITHDRAWAL', '0.01', STRANGE_NUMBER)),
          'entry-twice',
        ],
        [
          'points beyond every limit',
          book(b, 'ACCRUAL', '10000000000000.01', STRANGE_NUMBER),
          'entry-amount',
          'account-impossible',
          'accrual-without-order',
        ],
      ],
    ),
  ];
}
