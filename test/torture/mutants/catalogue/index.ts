import type { Mutant } from '../mutant.js';
import { JOURNAL_MUTANTS } from './journal.js';
import { READING_MUTANTS } from './journal-reading.js';
import { MONEY_MUTANTS } from './money-and-accounts.js';
import { QUEUE_MUTANTS } from './orders-and-queue.js';
import { READ_MODEL_MUTANTS } from './read-model.js';
import { SESSION_MUTANTS } from './sessions.js';
import { TRANSACTION_MUTANTS } from './transactions.js';

/** Every planted bug, in the order of the table. */
export const CATALOGUE: readonly Mutant[] = [
  ...MONEY_MUTANTS,
  ...QUEUE_MUTANTS,
  ...TRANSACTION_MUTANTS,
  ...JOURNAL_MUTANTS,
  ...READING_MUTANTS,
  ...READ_MODEL_MUTANTS,
  ...SESSION_MUTANTS,
];
