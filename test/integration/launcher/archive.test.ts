import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  FORMAT,
  readArchive,
  writeArchive,
} from '../../../src/embedded-postgres/backup/archive.js';

const MB = 1 << 20;

describe('a backup', () => {
  it('holds a file as long as it was, although PostgreSQL cuts it meanwhile', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gophermart-archive-'));
    const { signal } = new AbortController();
    const [table, file] = [join(folder, 'table'), join(folder, 'backup')];
    try {
      writeFileSync(table, randomBytes(12 * MB));
      const manifest = { format: FORMAT, postgres: 18, madeAt: '', bytes: 0 };
      const written = writeArchive(file, manifest, signal, (archive) =>
        archive.addPath('table', table),
      );
      const part = (): string => readdirSync(folder).find((name) => name.endsWith('.part')) ?? '';
      while (part() === '' || statSync(join(folder, part())).size < MB / 4) await pause(1);
      truncateSync(table, 10.5 * MB);
      await written;
      const sizes: number[] = [];
      await readArchive(
        file,
        signal,
        () => undefined,
        async ({ content }) => {
          let size = 0;
          for await (const chunk of content) size += (chunk as Buffer).length;
          sizes.push(size);
        },
      );
      expect(sizes).toEqual([12 * MB]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
