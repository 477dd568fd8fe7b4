import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseServer } from '../../support/processes/database-server.js';

const MEGABYTES = 400;

/** The database lives on it: a disk of its own, which is easily full. The log has room. */
export class SmallDisk {
  private constructor(
    private readonly database: DatabaseServer,
    private readonly folder: string,
  ) {}

  /** Moves the database there. @returns undefined where this user may not mount. */
  static async mount(database: DatabaseServer): Promise<SmallDisk | undefined> {
    const folder = join(database.folder, 'small-disk');
    const { uid, gid } = statSync(database.pgdata);
    mkdirSync(folder);
    try {
      const options = `size=${MEGABYTES}m,mode=0700,uid=${uid},gid=${gid}`;
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      return undefined;
    }
    const disk = new SmallDisk(database, folder);
    await database.session('template1', async (query) => {
      await query(`CREATE TABLESPACE small_disk LOCATION '${folder}'`);
      await query('ALTER DATABASE postgres SET TABLESPACE small_disk');
    });
    return disk;
  }

  fill(): void {
    const file = openSync(join(this.folder, 'filling'), 'w');
    const megabyte = Buffer.alloc(2 ** 20);
    try {
      while (writeSync(file, megabyte) > 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  makeRoom(): void {
    rmSync(join(this.folder, 'filling'), { force: true });
  }

  /** Moves the database back. Nobody may be connected to it. */
  async unmount(): Promise<void> {
    this.makeRoom();
    await this.database.session('template1', async (query) => {
      await query('ALTER DATABASE postgres SET TABLESPACE pg_default');
      await query('DROP TABLESPACE small_disk');
    });
    execFileSync('umount', [this.folder]);
  }
}
