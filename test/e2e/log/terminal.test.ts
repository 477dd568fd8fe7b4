import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { freePort, mainOf } from '../../support/processes/service-process.js';

describe('the log on a terminal', () => {
  let database: TestDatabase;
  let accrual: ScriptedAccrual;

  beforeAll(async () => {
    database = await createTestDatabase();
    accrual = await ScriptedAccrual.start();
  });

  afterAll(async () => {
    await accrual.stop();
    await database.drop();
  });

  it('has lines for people, of which none is JSON', async () => {
    const [address, main] = [`127.0.0.1:${await freePort()}`, mainOf(process.cwd())];
    const flags = ['-a', address, '-d', database.uri, '-r', accrual.url];
    const command = ['exec', process.execPath, main, ...flags].join(' ');
    // util-linux’ script gives the command a terminal, and passes on what it shows.
    const terminal = spawn('script', ['-qec', command, '/dev/null'], {
      env: { PATH: process.env['PATH'], TERM: 'xterm', LOG_LEVEL: 'info', STOP_DELAY_MS: '0' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    terminal.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    await eventually('it is ready', () => shown.includes('Gophermart is ready'), 150_000);
    terminal.stdin.write('\u0003');
    await once(terminal, 'exit');
    // eslint-disable-next-line no-control-regex
    const lines = shown.replace(/\u001b\[\d*m/g, '').split(/\r?\n/);
    const started = lines.find((line) => line.includes('started'));
    expect(started).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: started .*"version":/);
    expect(started).not.toContain('settings');
    expect(lines.some((line) => /^\[.*\] INFO: stopped /.test(line))).toBe(true);
    expect(lines.filter((line) => line.startsWith('{'))).toEqual([]);
    expect(shown).toContain('\u001b[32mINFO');
  });
});
