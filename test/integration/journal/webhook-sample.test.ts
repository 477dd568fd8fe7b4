import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import type { EventConnection } from '../../../src/journal/application/sink-ports.js';
import { webhookRequests, WebhookSink } from '../../../src/journal/infrastructure/webhook-sink.js';
import { SystemClock } from '../../../src/platform/system.js';
import { eventually } from '../../support/eventually.js';
import { WebhookReceiver } from '../../support/http/webhook-receiver.js';

const { SECRET } = WebhookReceiver;

describe('docs/webhook-receiver.mjs', () => {
  let sample: ChildProcess;
  let url: string;
  const lines: string[] = [];

  beforeAll(async () => {
    const child = spawn(process.execPath, ['docs/webhook-receiver.mjs'], {
      env: { PATH: process.env['PATH'], PORT: '0', WEBHOOK_SECRET: SECRET },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    sample = child;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      lines.push(...chunk.trim().split('\n'));
    });
    await eventually('it listens', () => lines.length === 1);
    url = `http://127.0.0.1:${/\d+$/.exec(lines[0] ?? '')?.[0]}/`;
  });

  afterAll(() => void sample.kill('SIGKILL'));

  function connect(secret: string): Promise<EventConnection> {
    const http = new HttpService(axios.create(webhookRequests()));
    return new WebhookSink({ url, secret }, http, new SystemClock()).connect();
  }

  it('reads each event once, however often it comes', async () => {
    const connection = await connect(SECRET);
    for (const position of [1n, 2n, 1n, 2n, 3n])
      await connection.publish([{ position, type: 'order_created', data: '{"order":"2377"}' }]);
    await eventually('read', () => lines.length >= 4);
    await connection.close();
    expect(lines.slice(1).map((line) => JSON.parse(line) as unknown)).toEqual(
      ['1', '2', '3'].map((id) => ({
        specversion: '1.0',
        id,
        source: 'gophermart',
        type: 'order_created',
        data: { order: '2377' },
      })),
    );
  });

  it('believes nobody who has not the secret', async () => {
    const connection = await connect(`whsec_${Buffer.alloc(32, 9).toString('base64')}`);
    await expect(
      connection.publish([{ position: 9n, type: 'order_created', data: '{}' }]),
    ).rejects.toThrow('status 401');
    await connection.close();
    const unsigned = await fetch(url, { method: 'POST', body: '{"id":"9"}' });
    expect(unsigned.status).toBe(401);
    expect(lines.filter((line) => line.includes('"id":"9"'))).toEqual([]);
  });
});
