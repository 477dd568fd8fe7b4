import type { Mutant } from '../mutant.js';

const MONEY = 'src/kernel/domain/money.ts';
const MONEY_SPEC = 'src/kernel/domain/money.spec.ts';

export const MONEY_MUTANTS: readonly Mutant[] = [
  {
    name: 'float money, rounded',
    why: 'an award of 1.005 points is 1.00 and not 1.01: 1.005 * 100 is 100.49999999999999',
    edits: [
      {
        file: MONEY,
        find: 'const money = new Money(decimal.exponent < -2 ? roundHalfUp(decimal) : scale(decimal));',
        replace:
          'const money = new Money(decimal.exponent < -2 ? BigInt(Math.round(Number(text) * 100)) : scale(decimal));',
      },
      { file: MONEY, find: 'function roundHalfUp(', replace: 'export function roundHalfUp(' },
    ],
    killer: { file: MONEY_SPEC, test: 'Money.rounded 1.005 is 1.01' },
  },
  {
    name: 'float money, read from JSON',
    why: 'an accrual goes through a JavaScript number on its way: 729.974999999999999999999999999999 becomes 729.975, and a kopeck more',
    edits: [
      {
        file: 'src/cashback/infrastructure/accrual-protocol.ts',
        find: 'Money.rounded(accrual.value)',
        replace: 'Money.rounded(`${Number(accrual.value)}`)',
      },
    ],
    killer: {
      file: 'src/cashback/infrastructure/accrual-protocol.spec.ts',
      test: 'readReply awards 729.974999999999999999999999999999 as 729.97',
    },
  },
  {
    name: 'half a kopeck rounded down',
    why: '5 % of 14599.50 is 729.97 and not 729.98',
    edits: [
      { file: MONEY, find: `(digits[kept] ?? '0') >= '5'`, replace: `(digits[kept] ?? '0') > '5'` },
    ],
    killer: { file: MONEY_SPEC, test: 'Money.rounded 729.975 is 729.98' },
  },
  {
    name: 'a third decimal cut off',
    why: 'a withdrawal of 1.005 is taken as 1, though the contract refuses it',
    edits: [
      {
        file: MONEY,
        find: 'throw new ImpossibleSum(`a sum has at most two decimals: ${shorten(text)}`);',
        replace: 'return new Money(roundHalfUp(decimal));',
      },
    ],
    killer: { file: MONEY_SPEC, test: 'Money refuses 1.005 exactly: two decimals' },
  },
  {
    name: 'a sum below zero',
    why: 'a withdrawal of -5 credits five points',
    edits: [
      {
        file: MONEY,
        find: `if (decimal.negative && decimal.digits !== '')`,
        replace: `if (decimal.negative && decimal.digits === '0')`,
      },
    ],
    killer: { file: MONEY_SPEC, test: 'Money refuses -1 exactly: negative' },
  },
  {
    name: 'Luhn forgotten',
    why: 'every slip of a finger is a new order, which nobody will ever calculate',
    edits: [
      {
        file: 'src/kernel/domain/order-number.ts',
        find: 'if (luhnSum(value) % 10 !== 0)',
        replace: 'if (luhnSum(value) < 0)',
      },
    ],
    killer: {
      file: 'src/kernel/domain/order-number.spec.ts',
      test: 'OrderNumber refuses "12345678904"',
    },
  },
];
