import { mutant } from '../mutant.js';

const CREATE = 'migrations/1700000000023-CreateJournal.ts';
const FILL = 'migrations/1700000000024-FillJournal.ts';
const FILL_TEST = 'test/integration/journal/fill-journal.test.ts';
const MEANWHILE =
  'a journal of books that were there before it ' +
  'has what the version before changes meanwhile once, whenever it does';

export const JOURNAL_MUTANTS = [
  mutant(
    'a revision that stands still',
    'a consumer for whom the last revision wins keeps an order’s first status',
    [FILL_TEST, MEANWHILE],
    [CREATE, "(2, 'order_updated', o.found + 1)", "(2, 'order_updated', o.found)"],
  ),
  mutant(
    'refusals without an answer',
    'nobody hears that the accrual system has refused an order',
    [FILL_TEST, MEANWHILE],
    [CREATE, "OR o.status IN ('INVALID', 'PROCESSED')", "OR o.status = 'PROCESSED'"],
  ),
  mutant(
    'a gap where the version before went on',
    'an order that was PROCESSING when the journal began has no event of its second revision',
    [FILL_TEST, MEANWHILE],
    [FILL, 'updated = 3', 'updated = 4'],
  ),
  mutant(
    'a filling that repeats what was recorded',
    'an order that the version before uploads while the journal is filled is created twice',
    [FILL_TEST, MEANWHILE],
    [FILL, 'AS data WHERE is_created IS NOT TRUE', 'AS data WHERE true'],
  ),
];
