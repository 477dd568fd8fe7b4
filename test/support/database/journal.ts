import type { TestDatabase } from './test-database.js';

/** An event as the journal has it. */
export interface JournalEvent {
  readonly position: string;
  readonly type: string;
  readonly subject: string | null;
  readonly revision: string | null;
  readonly at: Date | null;
  readonly trace: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** All events, oldest first, also of a journal without traces; those of `subject` where given. */
export async function journalOf(
  database: TestDatabase,
  subject?: string,
): Promise<readonly JournalEvent[]> {
  return database.query<JournalEvent>(
    `SELECT position, type, subject, revision, at, data::json AS data,
       to_jsonb(e) ->> 'trace' AS trace
     FROM gophermart.events e WHERE $1::uuid IS NULL OR subject = $1 ORDER BY position`,
    [subject ?? null],
  );
}

/** Type, revision and data: what a test can know. */
export function shortened(events: readonly JournalEvent[]): readonly unknown[] {
  return events.map(({ type, revision, data }) => [type, revision && Number(revision), data]);
}
