import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * People who signed up. Byte-wise collation: logins are case-sensitive, and equal means equal
 * whatever the server's locale says.
 */
export class CreateUsers1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gophermart.users (
        id            uuid PRIMARY KEY,
        login         text COLLATE "C" NOT NULL,
        password_hash text NOT NULL,
        registered_at timestamptz NOT NULL,
        CONSTRAINT users_login_key UNIQUE (login),
        CONSTRAINT users_login_length CHECK (char_length(login) BETWEEN 1 AND 255)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gophermart.users');
  }
}
