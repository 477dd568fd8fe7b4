import { about, account, type Corruption, type Draw, EARNER } from './corruption.js';
import { EMPTY, ENTRIES_PER_EARNER, sample } from './sample-books.js';

export function corruptionsOfAccounts(draw: Draw): Corruption[] {
  const [a, empty] = [draw(EARNER), draw(EMPTY)];
  const id = sample.account(a);
  const without = (table: string, column: string, i: number): string =>
    `DELETE FROM gophermart.${table} WHERE ${column} = '${sample.account(i)}'`;
  return [
    ...about(
      [id],
      [
        [
          'a kopeck too many',
          account(a, 'balance = balance + 0.01'),
          'account-balance',
          'account-last-entry',
        ],
        [
          'a balance that is no number',
          account(a, `balance = 'NaN'`),
          'account-balance',
          'account-last-entry',
          'account-impossible',
        ],
        [
          'a withdrawal forgotten',
          account(a, 'withdrawn = withdrawn - 1'),
          'account-withdrawn',
          'account-last-withdrawn',
        ],
        ['a version too far', account(a, 'version = version + 1'), 'account-version'],
        [
          'an account stored twice',
          `INSERT INTO gophermart.accounts
           SELECT * FROM gophermart.accounts WHERE user_id = '${id}'`,
          'account-twice',
        ],
        [
          'an account lost',
          without('accounts', 'user_id', a),
          'entries-without-account',
          'user-without-account',
        ],
        [
          'a user lost',
          without('users', 'id', a),
          'account-without-user',
          ...Array<'order-without-user'>(ENTRIES_PER_EARNER / 2).fill('order-without-user'),
        ],
      ],
    ),
    ...about(
      [sample.account(empty)],
      [
        ['a balance without an entry', account(empty, 'balance = 5'), 'account-balance'],
        [
          'no balance at all',
          account(empty, 'balance = NULL'),
          'account-balance',
          'account-impossible',
        ],
        [
          'a balance below zero',
          account(empty, 'balance = -5'),
          'account-balance',
          'account-impossible',
        ],
        [
          'a balance beyond the limit',
          account(empty, 'balance = 1e13'),
          'account-balance',
          'account-impossible',
        ],
        ['a withdrawal from nowhere', account(empty, 'withdrawn = 1'), 'account-withdrawn'],
        [
          'a withdrawn sum below zero',
          account(empty, 'withdrawn = -1'),
          'account-withdrawn',
          'account-impossible',
        ],
        [
          'a withdrawn sum that is no number',
          account(empty, `withdrawn = 'NaN'`),
          'account-withdrawn',
          'account-impossible',
        ],
        ['a version without an entry', account(empty, 'version = 1'), 'account-version'],
        ['an empty account lost', without('accounts', 'user_id', empty), 'user-without-account'],
      ],
    ),
  ];
}
