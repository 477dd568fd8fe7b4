import type { Mutant } from '../mutant.js';
import { ACCOUNT_MUTANTS } from './accounts.js';
import { ACCRUAL_MUTANTS } from './accrual.js';
import { AUTH_MUTANTS } from './auth.js';
import { HTTP_MUTANTS } from './http.js';
import { MONEY_MUTANTS } from './money.js';
import { ORDER_MUTANTS } from './orders.js';
import { QUEUE_MUTANTS } from './queue.js';
import { TRANSACTION_MUTANTS } from './transactions.js';

/** Every seeded bug, in the order of the table. */
export const CATALOGUE: readonly Mutant[] = [
  ...MONEY_MUTANTS,
  ...ACCOUNT_MUTANTS,
  ...ORDER_MUTANTS,
  ...QUEUE_MUTANTS,
  ...ACCRUAL_MUTANTS,
  ...TRANSACTION_MUTANTS,
  ...AUTH_MUTANTS,
  ...HTTP_MUTANTS,
];
