import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { ServiceProcess } from '../../support/processes/service-process.js';

/** Measures what a call of `process.nextTick` costs in its process: the least of several runs. */
const MEASURING = `
  const work = () => undefined;
  async function leastNs() {
    let least = Infinity;
    for (let run = 0; run < 20; run++) {
      let ns = 0n;
      for (let i = 0; i < 500; i++) {
        const start = process.hrtime.bigint();
        for (let j = 0; j < 100; j++) process.nextTick(work, j);
        ns += process.hrtime.bigint() - start;
        await new Promise(setImmediate);
      }
      least = Math.min(least, Number(ns) / 50_000);
    }
    return least;
  }`;

const ON_SIGNAL = `${MEASURING}
  process.on('SIGUSR2', async () => {
    process.stdout.write('a call: ' + (await leastNs()) + ' ns\\n');
  });`;

describe('process.nextTick', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-next-tick-'));
  const logFile = join(folder, 'log');
  let database: TestDatabase;
  let service: ServiceProcess | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(async () => {
    await service?.end('SIGKILL');
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  it('costs the service what it costs a program that does nothing else', async () => {
    service = await ServiceProcess.start({
      databaseUri: database.uri,
      accrualAddress: 'http://127.0.0.1:9',
      logFile,
      flags: ['--import', `data:text/javascript,${encodeURIComponent(ON_SIGNAL)}`],
    });
    service.signal('SIGUSR2');
    const measured = (): string | undefined =>
      /a call: ([\d.]+) ns/.exec(readFileSync(logFile, 'utf8'))?.[1];
    await eventually('it has measured', () => measured() !== undefined, 60_000);
    const program = `${MEASURING} process.stdout.write(String(await leastNs()));`;
    const alone = execFileSync(process.execPath, ['--input-type=module', '-e', program]);
    // Without what src/main.ts does about it, on Node 20: eight times as much.
    expect(Number(measured()) / Number(alone.toString())).toBeLessThan(2.5);
  });
});
