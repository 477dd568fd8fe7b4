import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A stream of events that resumes reads one user's events from where its reader stood (ADR 0045).
 * Of the others nobody asks by user.
 */
export class IndexEventsOfUser1700000000029 implements MigrationInterface {
  readonly indexes = [
    [
      'events_of_user',
      `events (subject, position)
       WHERE type IN ('order_updated', 'transaction_processed', 'user_forgotten')`,
    ],
  ] as const;

  up(): Promise<void> {
    return Promise.resolve();
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX IF EXISTS gophermart.events_of_user');
  }
}
