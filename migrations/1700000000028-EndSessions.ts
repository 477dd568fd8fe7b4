import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An RFC 3339 time, as in `CreateJournal`. */
const rfc3339 = (time: string): string =>
  `coalesce(to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ${time}::text)`;

/** Of `users_delete_is_recorded`, of which removed rows are recorded. */
const recordRemoved = (which: string): string => `
  CREATE OR REPLACE FUNCTION gophermart.users_delete_is_recorded() RETURNS trigger
  LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO gophermart.events (type, subject, revision, at, data)
    SELECT 'user_forgotten', id, NULL::bigint, now.at, '{"at":"' || ${rfc3339('now.at')} || '"}'
    FROM removed, (SELECT clock_timestamp() AS at) AS now ${which};
    RETURN NULL;
  END $$`;

/** [name, table, when, what it does]. */
const TRIGGERS = [
  [
    'session_ends_in_turn',
    'session_ends',
    'BEFORE INSERT ON gophermart.session_ends FOR EACH STATEMENT',
    // Any number that nobody else takes for an advisory lock in the same database.
    `PERFORM pg_advisory_xact_lock(7106240514);
     RETURN NULL;`,
  ],
  [
    'generations_are_new',
    'users',
    `BEFORE UPDATE ON gophermart.users FOR EACH ROW
     WHEN (NEW.generation > OLD.generation)`,
    `NEW.generation := greatest(NEW.generation,
       floor(extract(epoch FROM clock_timestamp() - timestamptz '2020-01-01 00:00:00Z')));
     RETURN NEW;`,
  ],
  [
    'sessions_end_with_generation',
    'users',
    `AFTER UPDATE ON gophermart.users FOR EACH ROW
     WHEN (OLD.generation IS DISTINCT FROM NEW.generation)`,
    `INSERT INTO gophermart.session_ends (user_id, generation, until)
     VALUES (NEW.id, NEW.generation, clock_timestamp() + interval '366 days');
     RETURN NULL;`,
  ],
  [
    'sessions_end_with_user',
    'users',
    'AFTER DELETE ON gophermart.users FOR EACH ROW',
    `INSERT INTO gophermart.session_ends (user_id, generation, until)
     VALUES (OLD.id, 2147483647, clock_timestamp() + interval '366 days');
     RETURN NULL;`,
  ],
  [
    'users_forgotten_is_recorded',
    'users',
    `AFTER UPDATE ON gophermart.users FOR EACH ROW
     WHEN (OLD.forgotten_at IS NULL AND NEW.forgotten_at IS NOT NULL)`,
    `INSERT INTO gophermart.events (type, subject, at, data)
     VALUES ('user_forgotten', NEW.id, NEW.forgotten_at,
       '{"at":"' || ${rfc3339('NEW.forgotten_at')} || '"}');
     RETURN NULL;`,
  ],
] as const;

/**
 * Sessions can end before their tokens expire (ADR 0047), users can be blocked, and forgotten while
 * what they own stays.
 *
 * A row of `session_ends` says that one token has ended, or all of a user's tokens of lower
 * generations. Triggers write the latter, so a generation that is raised by hand, or a user who is
 * removed by hand, ends sessions too. Whoever inserts waits for whoever inserted before: positions
 * become visible in their order, so a reader who has seen one has seen all below it.
 *
 * A generation that is raised is the seconds since 2020 at least: a standby that lacked the last
 * commits must not give out one that a token has already. That fits into an integer until 2088.
 *
 * A generation's row outlives every token: they are good for 365 days at most.
 */
export class EndSessions1700000000028 implements MigrationInterface {
  /**
   * The columns come first, in transactions that lock everybody out of one table for a moment; then
   * old rows are compared with the constraint, while others read and write.
   */
  async step(runner: QueryRunner): Promise<true | undefined> {
    const [column] = (await runner.query(
      `SELECT FROM pg_attribute
       WHERE attrelid = 'gophermart.accounts'::regclass AND attname = 'blocked_at'`,
    )) as object[];
    if (!column) {
      await runner.query('ALTER TABLE gophermart.accounts ADD COLUMN blocked_at timestamptz');
      return true;
    }
    const [constraint] = (await runner.query(
      `SELECT convalidated AS "isValid" FROM pg_constraint
       WHERE conname = 'users_are_whole_or_forgotten'
         AND conrelid = 'gophermart.users'::regclass`,
    )) as { readonly isValid: boolean }[];
    if (constraint?.isValid) return undefined;
    if (constraint) {
      await runner.query(
        'ALTER TABLE gophermart.users VALIDATE CONSTRAINT users_are_whole_or_forgotten',
      );
      return true;
    }
    await runner.query(`
      ALTER TABLE gophermart.users
        ADD COLUMN generation   integer NOT NULL DEFAULT 0,
        ADD COLUMN blocked_at   timestamptz,
        ADD COLUMN block_reason text,
        ADD COLUMN forgotten_at timestamptz,
        ALTER COLUMN login DROP NOT NULL,
        ALTER COLUMN password_hash DROP NOT NULL,
        ADD CONSTRAINT users_are_whole_or_forgotten CHECK (
          CASE WHEN forgotten_at IS NULL THEN login IS NOT NULL AND password_hash IS NOT NULL
          ELSE login IS NULL AND password_hash IS NULL AND block_reason IS NULL END
        ) NOT VALID`);
    return true;
  }

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gophermart.session_ends (
        position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        user_id    uuid        NOT NULL,
        generation integer,
        token      bytea UNIQUE CHECK (octet_length(token) = 32),
        at         timestamptz NOT NULL DEFAULT clock_timestamp(),
        until      timestamptz NOT NULL,
        CONSTRAINT session_ends_name_one CHECK ((generation IS NULL) <> (token IS NULL))
      )`);
    await runner.query('CREATE INDEX session_ends_until ON gophermart.session_ends (until)');
    await runner.query(recordRemoved('WHERE forgotten_at IS NULL'));
    for (const [name, , when, body] of TRIGGERS) {
      await runner.query(`
        CREATE FUNCTION gophermart.${name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          ${body}
        END $$`);
      await runner.query(`
        CREATE TRIGGER ${name} ${when} EXECUTE FUNCTION gophermart.${name}()`);
    }
  }

  /**
   * Who was forgotten gets the id for a login and the hash of nothing for a password: the version
   * before knows no users without them. Who was blocked is not any more.
   */
  async down(runner: QueryRunner): Promise<void> {
    for (const [name, table] of TRIGGERS) {
      await runner.query(`DROP TRIGGER ${name} ON gophermart.${table}`);
      await runner.query(`DROP FUNCTION gophermart.${name}`);
    }
    await runner.query('DROP TABLE gophermart.session_ends');
    await runner.query(recordRemoved(''));
    await runner.query('ALTER TABLE gophermart.users DROP CONSTRAINT users_are_whole_or_forgotten');
    const noise = (bytes: string): string => `rtrim(encode(${bytes}, 'base64'), '=')`;
    const random = 'uuid_send(gen_random_uuid())';
    await runner.query(`
      UPDATE gophermart.users SET login = id::text,
        password_hash = '$argon2id$v=19$m=9216,t=4,p=1$' || ${noise(random)} || '$'
          || ${noise(`sha256(${random})`)}
      WHERE login IS NULL`);
    await runner.query('ALTER TABLE gophermart.accounts DROP COLUMN blocked_at');
    await runner.query(`
      ALTER TABLE gophermart.users
        ALTER COLUMN login SET NOT NULL, ALTER COLUMN password_hash SET NOT NULL,
        DROP COLUMN generation, DROP COLUMN blocked_at, DROP COLUMN block_reason,
        DROP COLUMN forgotten_at`);
  }
}
