import { mutant } from '../mutant.js';

const READER = 'src/journal/infrastructure/sql-journal-reader.ts';
const PLAYED = 'test/integration/journal/reading.test.ts';
const LEASES = 'test/integration/journal/subscription-leases.test.ts';
const SUBSCRIPTION = 'src/journal/application/subscription.ts';

/** Every wrong way to read that somebody has recommended, and what else would lose events. */
export const READING_MUTANTS = [
  mutant(
    'a reader that goes by positions alone',
    'events of a transaction that commits behind a higher position are lost',
    [PLAYED, 'reading the journal misses nothing that commits behind a higher position'],
    [
      'src/journal/domain/cursor.ts',
      'const ended = endedBetween(seen, mark, floors);',
      'const ended: bigint[] = [];',
    ],
  ),
  mutant(
    'a reader that stops at the oldest open transaction',
    'one session that stays open, of any database, holds up all events',
    [
      PLAYED,
      'reading the journal waits for no transaction that stays open, here or in another database',
    ],
    [
      READER,
      'pg_visible_in_snapshot(e.xid, $4::pg_snapshot)',
      'e.xid < pg_snapshot_xmin($4::pg_snapshot)',
    ],
  ),
  mutant(
    'open transactions that the snapshot does not list',
    'on a quiet server the events of the last transaction that is open are lost',
    [
      PLAYED,
      'reading the journal misses nothing of the last one that has an id, with nobody above it',
    ],
    [READER, 'age(pg_snapshot_xmax(s.snapshot)::xid) AS given', '0 AS given'],
  ),
  mutant(
    'numbers that sessions keep ahead',
    'a session writes below what was read: its events are lost',
    [
      'test/integration/journal/fill-journal.test.ts',
      'a journal of books that were there before it gives numbers in the order they are asked for',
    ],
    [
      'migrations/1700000000023-CreateJournal.ts',
      'GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
      'GENERATED ALWAYS AS IDENTITY (CACHE 10) PRIMARY KEY',
    ],
  ),
  mutant(
    'a subscription without a fence',
    'a process that stood still takes the cursor back to where it was',
    [
      LEASES,
      'the lease of a subscription stores nothing of a holder whose lease somebody else has',
    ],
    [
      'src/journal/infrastructure/sql-subscription-leases.ts',
      'name = $1 AND fence = $2 AND leased_until',
      'name = $1 AND $2::bigint > 0 AND leased_until',
    ],
  ),
  mutant(
    'a cursor that is stored before the events are taken',
    'a crash in between loses them',
    [
      'src/journal/application/subscription.spec.ts',
      'Subscription ends a stop that takes too long, and stores nothing of what was under way',
    ],
    [
      'src/journal/application/reading.ts',
      'const { delivered, ...passed } = await',
      'const nothing = { tried: [], parked: [], waiting: [], settled: [] };\n' +
        'await leases.save(held.lease, { cursor: pages.cursor, ...nothing });\n' +
        'const { delivered, ...passed } = await',
    ],
  ),
  mutant(
    'a lease that is used after it has ended',
    'a process that stood still publishes older events behind newer ones',
    [
      'src/journal/application/subscription.spec.ts',
      'Subscription publishes nothing more when its lease may have ended',
    ],
    [SUBSCRIPTION, 'held.assertHeld();', ''],
  ),
  mutant(
    'a message that is sent before the one before is taken',
    'the broker refuses the first and takes the second: a customer’s events change places',
    [
      'src/journal/application/deliver-events.spec.ts',
      'DeliverEvents sends a message after the one before of its key, and waits for no other key',
    ],
    [
      'src/journal/application/deliver-events.ts',
      'const refused = await refusalOf(connection, message);',
      'const refused = undefined as EventsRefused | undefined;\n' +
        'refusalOf(connection, message).catch(() => undefined);',
    ],
  ),
  mutant(
    'an outage that counts as the fault of an event',
    'a receiver that was away for an hour loses the first event of each lane to the parked ones',
    [
      'src/journal/domain/attempts.spec.ts',
      'Attempts count an outage as one failure, though others get through when it is over',
    ],
    [
      'src/journal/domain/attempts.ts',
      'if (this.#own === 0 || this.receiver.taken > this.#takenBefore) this.#own++;',
      'if (this.receiver.taken >= this.#takenBefore) this.#own++;',
    ],
  ),
  mutant(
    'the id of a live event that says nothing of open transactions',
    'who comes again has missed what commits behind a higher position',
    ['src/journal/domain/place.spec.ts', 'bytesOfPlace keeps which transactions are open'],
    ['src/journal/domain/place.ts', '    ...runsOf(later),', '    0n,'],
  ),
];
