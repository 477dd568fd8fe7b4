import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { processed } from '../../support/fakes/scripted-accrual.js';
import { JWT_SECRET } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, send } from '../../support/http/raw-http.js';
import { operate } from '../../support/processes/operator-run.js';
import { ACCRUAL_PASSWORD, type Line, LoggedService } from './logged-service.js';

const INFO = 30;
const WARN = 40;

describe('the log at info has a line for what an operator wants to know the next morning:', () => {
  let service: LoggedService;

  beforeAll(async () => {
    service = await LoggedService.start({
      LOG_LEVEL: 'info',
      CASHBACK_MAX_TRIES: '1',
      LOGIN_RATE_LIMIT: '3',
      RECONCILE_INTERVAL_MS: '5000',
    });
  });

  afterAll(() => service.end());

  it('the start, with version and settings, and no secret', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const started = await service.lineOf('started');
    expect(started).toMatchObject({
      level: INFO,
      version,
      node: process.version,
      settings: {
        ACCRUAL_SYSTEM_ADDRESS: service.accrual.url,
        CASHBACK_MAX_TRIES: '1',
        JWT_SECRET: '***',
        LOGIN_RATE_LIMIT: '3',
        RATE_LIMIT_RPS: '0',
        RUN_ADDRESS: service.url.replace('http://', ''),
      },
    });
    const said = service.text;
    for (const secret of [JWT_SECRET, ACCRUAL_PASSWORD, new URL(service.database.uri).password])
      if (secret !== '') expect(said).not.toContain(secret);
  });

  it('a log-in that is locked', async () => {
    const body = JSON.stringify({ login: service.customer.login, password: 'a guess' });
    for (let i = 0; i < 5; i++) await send(service.url, 'POST /api/user/login', json(body));
    expect(
      await service.lineOf('locked for the rest of a minute: too many log-ins have failed'),
    ).toEqual(
      expect.objectContaining({ level: WARN, login: service.customer.login, address: '127.0.0.1' }),
    );
  });

  it('a parked order, with its number, whose it is, and why', async () => {
    const number = freshNumber();
    service.accrual.script(number, { status: 500 });
    await service.customer.upload(number);
    await eventually('it is parked, for others are answered', async () => {
      await service.customer.earn('1', service.accrual);
      return service.linesOf('an order is parked until an operator puts it back').length > 0;
    });
    expect(await service.lineOf('an order is parked until an operator puts it back')).toMatchObject(
      {
        level: WARN,
        order: number,
        userId: service.userId,
        reason: 'status 500',
      },
    );
  });

  it('a limit of the accrual system', async () => {
    const number = freshNumber();
    service.accrual.script(
      number,
      {
        status: 429,
        headers: { 'retry-after': '1' },
        body: 'No more than 6000 requests per minute allowed',
      },
      processed(number, '1'),
    );
    await service.customer.upload(number);
    expect(
      await service.lineOf('the accrual system limits us: no request until the pause is over'),
    ).toMatchObject({ level: WARN, pauseSeconds: 1, perMinute: 6000 });
  });

  it('what operators do by commands, and who they are', async () => {
    const uri = ['-d', service.database.uri];
    await operate('queue', ['pause', '--by', 'ann', ...uri]);
    await eventually(
      'the pause is logged',
      () => service.linesOf('an operator’s command').length === 1,
    );
    await operate('queue', ['resume', '--by', 'bob', ...uri]);
    const reason = ['--reason', 'late delivery', '--note', 'she has phoned'];
    await operate('customer', [
      'adjust',
      service.customer.login,
      '5',
      ...reason,
      '--by',
      'ann',
      ...uri,
    ]);
    await eventually('all is logged', () => service.linesOf('an operator’s command').length === 3);
    expect(
      service
        .linesOf('an operator’s command')
        .map(({ level, action, by, targets }) => [level, action, by, targets]),
    ).toEqual([
      [INFO, 'queue pause', 'ann', undefined],
      [INFO, 'queue resume', 'bob', undefined],
      [INFO, 'customer adjust', 'ann', [service.userId]],
    ]);
    expect(service.text).not.toContain('phoned');
  });

  it('the result of a reconciliation', async () => {
    const isResult = ({ msg }: Line): boolean => msg.startsWith('the books agree, seen in ');
    await eventually('the books are reconciled', () => service.lines.some(isResult));
    expect(service.lines.find(isResult)?.['level']).toBe(INFO);
  });

  it('the end of a stop; and no line for a request, nor for what Nest does', async () => {
    await expect(service.process.end('SIGTERM')).resolves.toBe(0);
    expect(service.lines.at(-1)).toMatchObject({ level: INFO, msg: 'stopped' });
    expect(service.linesOf('request')).toEqual([]);
    const others = service.lines.filter(({ msg }) => !msg.startsWith('the books agree'));
    expect(others.length).toBeLessThan(20);
  });
});
