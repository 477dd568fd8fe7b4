import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The log asks every second what operators have done since: a few of very many events. */
export class IndexOperatorActions1700000000032 implements MigrationInterface {
  readonly indexes = [['operator_actions', `events (xid) WHERE type = 'operator_action'`]] as const;

  up(): Promise<void> {
    return Promise.resolve();
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX IF EXISTS gophermart.operator_actions');
  }
}
