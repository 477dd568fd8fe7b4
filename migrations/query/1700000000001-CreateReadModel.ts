import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What customers read, as events tell it (ADR 0039).
 *
 * `orders.uploaded_at` is NULL as long as the event is missing that created the order: events of
 * several types come in any order, and such an order is not shown yet. `orders.created` is the
 * position of that event: orders of one time are listed by it.
 */
export class CreateReadModel1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gophermart_query.orders (
        num         text COLLATE "C" PRIMARY KEY,
        user_id     uuid NOT NULL,
        revision    bigint NOT NULL,
        status      text NOT NULL,
        accrual     numeric(20, 2),
        uploaded_at timestamptz,
        created     bigint
      ) WITH (fillfactor = 80)`);
    await runner.query(`
      CREATE INDEX orders_of_user
      ON gophermart_query.orders (user_id, uploaded_at DESC, created DESC)
      WHERE uploaded_at IS NOT NULL`);
    await runner.query(`
      CREATE TABLE gophermart_query.entries (
        user_id   uuid NOT NULL,
        revision  bigint NOT NULL,
        kind      text NOT NULL,
        num       text COLLATE "C",
        amount    numeric(20, 2) NOT NULL,
        balance   numeric(20, 2) NOT NULL,
        withdrawn numeric(20, 2) NOT NULL,
        at        timestamptz NOT NULL,
        PRIMARY KEY (user_id, revision)
      )`);
    await runner.query(`
      CREATE INDEX withdrawals_of_user ON gophermart_query.entries (user_id, revision DESC)
      WHERE kind = 'WITHDRAWAL'`);
    await runner.query(`
      CREATE TABLE gophermart_query.parked_events (
        id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        position  bigint,
        type      text NOT NULL,
        event     text NOT NULL,
        reason    text NOT NULL,
        parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        retry     boolean NOT NULL DEFAULT false
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX one_parked_event_per_position
      ON gophermart_query.parked_events (position)`);
    // One without a position is kept once, too.
    await runner.query(`
      CREATE UNIQUE INDEX one_parked_event_per_text ON gophermart_query.parked_events (md5(event))
      WHERE position IS NULL`);
    await runner.query(`
      CREATE TABLE gophermart_query.progress (
        next         bigint NOT NULL,
        is_caught_up boolean NOT NULL
      )`);
    await runner.query('INSERT INTO gophermart_query.progress VALUES (1, false)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE gophermart_query.progress, gophermart_query.parked_events,
        gophermart_query.entries, gophermart_query.orders`);
  }
}
