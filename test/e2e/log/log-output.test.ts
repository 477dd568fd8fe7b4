import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { send } from '../../support/http/raw-http.js';
import { ServiceProcess } from '../../support/processes/service-process.js';

/** Makes a line of the log that is as long. */
const PADDING = 'x'.repeat(4_000);

describe('a log that cannot be written', () => {
  let database: TestDatabase;
  let accrual: ScriptedAccrual;
  let service: ServiceProcess | undefined;
  const descriptors: number[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-log-'));
  const logFile = join(folder, 'log');

  beforeAll(async () => {
    database = await createTestDatabase();
    accrual = await ScriptedAccrual.start();
  });

  afterEach(async () => {
    await service?.end('SIGKILL');
    descriptors.splice(0).forEach((each) => closeSync(each));
    rmSync(logFile, { force: true });
  });

  afterAll(async () => {
    await accrual.stop();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  /** @returns what a process may write to, until the test ends. */
  function openFor(path: string, flags: number): number {
    const descriptor = openSync(path, flags);
    descriptors.push(descriptor);
    return descriptor;
  }

  /** The two ends of a new pipe; `reader` does not wait for what is not there. */
  function pipe(): { path: string; reader: number; writer: number } {
    const path = join(folder, `pipe-${descriptors.length}`);
    rmSync(path, { force: true });
    execFileSync('mkfifo', [path]);
    const reader = openFor(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { path, reader, writer: openFor(path, constants.O_WRONLY) };
  }

  function stopReading(reader: number): void {
    closeSync(reader);
    descriptors.splice(descriptors.indexOf(reader), 1);
  }

  /** What waits in a pipe. */
  function readAll(reader: number): string {
    const chunk = Buffer.alloc(65_536);
    let text = '';
    try {
      for (let count = -1; count !== 0;) {
        count = readSync(reader, chunk);
        text += chunk.toString('latin1', 0, count);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    return text;
  }

  async function start(
    outputs?: readonly [number, number],
    flags?: string[],
  ): Promise<ServiceProcess> {
    service = await ServiceProcess.start({
      databaseUri: database.uri,
      accrualAddress: accrual.url,
      logFile,
      settings: { LOG_LEVEL: 'debug', CASHBACK_ENABLED: 'false' },
      ...(outputs && { outputs }),
      ...(flags && { node: '/bin/sh', flags }),
    });
    return service;
  }

  async function ask({ url }: ServiceProcess, times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const reply = await send(url, `GET /health/live?${PADDING}`);
      expect(reply.status).toBe(200);
    }
  }

  async function dropped({ url }: ServiceProcess): Promise<number> {
    const { text } = await send(url, 'GET /metrics');
    return Number(/^log_lines_dropped_total (\d+)$/m.exec(text)?.[1]);
  }

  it('on a full disk costs lines, which are counted, and nothing else', async () => {
    const full = openFor('/dev/full', constants.O_WRONLY);
    const running = await start([full, full]);
    const before = await dropped(running);
    await ask(running, 10);
    expect(await dropped(running)).toBeGreaterThanOrEqual(before + 10);
    await expect(running.end('SIGTERM')).resolves.toBe(0);
  });

  it('because its reader has gone costs no more, and says so when there is one again', async () => {
    const { path, reader, writer } = pipe();
    const running = await start([writer, writer]);
    expect(readAll(reader)).toContain('Gophermart is ready');
    stopReading(reader);
    await ask(running, 10);
    expect(await dropped(running)).toBeGreaterThanOrEqual(10);
    const again = openFor(path, constants.O_RDONLY | constants.O_NONBLOCK);
    await ask(running, 1);
    const lost = await dropped(running);
    await eventually('it says so', () => readAll(again).includes(`"lost":${lost},`));
    await expect(running.end('SIGTERM')).resolves.toBe(0);
  });

  it('because nobody reads it holds nothing up, and tells how many lines are missing', async () => {
    const { reader, writer } = pipe();
    const running = await start([writer, writer]);
    await ask(running, 600);
    const lost = await dropped(running);
    expect(lost).toBeGreaterThan(200);
    let text = '';
    await eventually('it says what is missing', () => {
      text += readAll(reader);
      return text.includes('"lost":');
    });
    const [, said] = /"lost":(\d+)/.exec(text) ?? [];
    expect(Number(said)).toBeGreaterThanOrEqual(lost);
    const lines = text
      .split('\n')
      .filter((line) => line.startsWith('{') && line.includes('"lost"'));
    expect(lines).toHaveLength(1);
    for (const line of text.split('\n').filter((each) => each.includes('"level"')))
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    await expect(running.end('SIGTERM')).resolves.toBe(0);
  });

  it('does not hold up a stop', async () => {
    const { writer } = pipe();
    const running = await start([writer, writer]);
    await ask(running, 100);
    await expect(running.end('SIGTERM')).resolves.toBe(0);
  });

  it('because there is none does no harm', async () => {
    const running = await start(undefined, ['-c', 'exec "$@" >&- 2>&-', 'sh', process.execPath]);
    await ask(running, 1);
    await expect(running.end('SIGTERM')).resolves.toBe(0);
  });

  it('is written in the end where its reader was only slow: a stop loses nothing', async () => {
    const { reader, writer } = pipe();
    const running = await start([writer, writer]);
    await ask(running, 100);
    let text = '';
    let hasEnded = false;
    void running.end('SIGTERM').then(() => (hasEnded = true));
    await eventually('the service has stopped', () => {
      text += readAll(reader);
      return hasEnded;
    });
    text += readAll(reader);
    expect(text.match(/"url":"\/health\/live\?x/g)).toHaveLength(100);
    expect(text).toContain('"msg":"stopping"');
  });

  it('does not hide why a start failed', async () => {
    const full = openFor('/dev/full', constants.O_WRONLY);
    const errors = join(folder, 'errors');
    const stderr = openFor(errors, constants.O_WRONLY | constants.O_CREAT);
    const failed = ServiceProcess.start({
      databaseUri: 'mysql://none',
      accrualAddress: accrual.url,
      logFile,
      outputs: [full, stderr],
    });
    await expect(failed).rejects.toThrow('ended before it was ready');
    expect(readFileSync(errors, 'utf8')).toContain('flag -d must be a PostgreSQL URI');
  });
});
