import { mutant } from '../mutant.js';

const CREATE = 'migrations/1700000000023-CreateJournal.ts';
const FILL = 'migrations/1700000000024-FillJournal.ts';
const EVENTS_TEST = 'test/integration/journal/events.test.ts';
const FILL_TEST = 'test/integration/journal/fill-journal.test.ts';
const LIFE = 'the events of what the service does tell the life of an order and of its points';
const MEANWHILE =
  'a journal of books that were there before it ' +
  'has what the version before changes meanwhile once, whenever it does';

export const JOURNAL_MUTANTS = [
  mutant(
    'a revision that stands still',
    'a consumer for whom the last revision wins keeps an order’s first status',
    [EVENTS_TEST, LIFE],
    [CREATE, "(2, 'order_updated', o.found + 1)", "(2, 'order_updated', o.found)"],
  ),
  mutant(
    'refusals without an answer',
    'nobody hears that the accrual system has refused an order',
    [EVENTS_TEST, 'the events of what the service does tell of a refusal, which has no points'],
    [CREATE, "OR o.status IN ('INVALID', 'PROCESSED')", "OR o.status = 'PROCESSED'"],
  ),
  mutant(
    'every request begins a calculation',
    'an order that the accrual system calculates for a day has thousands of accrual_started',
    [EVENTS_TEST, LIFE],
    [CREATE, 'a.attempt > 0 AND b.attempt = 0', 'a.attempt > b.attempt'],
  ),
  mutant(
    'withdrawals that add points',
    'a consumer that adds the amounts up gets another balance',
    [EVENTS_TEST, LIFE],
    [CREATE, `THEN '","amount":"-' ELSE`, `THEN '","amount":"' ELSE`],
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
