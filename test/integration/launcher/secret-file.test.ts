import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const MODULE = pathToFileURL(
  join(import.meta.dirname, '..', '..', '..', 'dist/src/platform/secret-file.js'),
).href;

/** They all import first and then ask in the same millisecond. */
const REPLICA = `
  import { readOrCreateSecretFile } from '${MODULE}';
  const [file, start] = process.argv.slice(1);
  while (Date.now() < Number(start));
  console.log(readOrCreateSecretFile(file).toString('hex'));
`;

it('gives replicas that start at once the same key', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-secret-'));
  const start = String(Date.now() + 1_000);
  const replicas = Array.from({ length: 6 }, () =>
    promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      REPLICA,
      join(folder, 'secret'),
      start,
    ]),
  );
  const keys = (await Promise.all(replicas)).map(({ stdout }) => stdout.trim());
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(readdirSync(folder)).toEqual(['secret']);
  rmSync(folder, { recursive: true });
});
