import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Logins are compared in Unicode NFC (ADR 0033), so they are stored in it: й typed on a Mac is two
 * characters, and one elsewhere. Where two logins would become the same both keep their spelling,
 * and so does one that NFC makes longer than a login may be. The start of the service names those;
 * the index finds them.
 *
 * Registrations wait meanwhile, so that nobody takes a login that is about to be stored.
 */
export class NormalizeLogins1700000000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('LOCK TABLE gophermart.users IN SHARE ROW EXCLUSIVE MODE');
    await runner.query(`
      CREATE INDEX users_login_not_normalized ON gophermart.users (login)
      WHERE login IS NOT NFC NORMALIZED`);
    await runner.query(`
      WITH old AS MATERIALIZED (
        SELECT id, normalize(login, NFC) AS normalized
        FROM gophermart.users WHERE login IS NOT NFC NORMALIZED
      )
      UPDATE gophermart.users u SET login = old.normalized FROM old
      WHERE u.id = old.id AND char_length(old.normalized) <= 255
        AND NOT EXISTS (SELECT FROM gophermart.users o WHERE o.login = old.normalized)
        AND NOT EXISTS (SELECT FROM old o WHERE o.normalized = old.normalized AND o.id <> u.id)`);
  }

  /** The spellings before are forgotten; each of them finds its user all the same. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX gophermart.users_login_not_normalized');
  }
}
