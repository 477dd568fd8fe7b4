import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import { Logger } from '@nestjs/common';
import axios from 'axios';
import type { EventConnection } from '../../../src/journal/application/sink-ports.js';
import type { JournalEvent } from '../../../src/journal/domain/journal-event.js';
import { webhookRequests, WebhookSink } from '../../../src/journal/infrastructure/webhook-sink.js';
import { SystemClock } from '../../../src/platform/system.js';
import { eventually } from '../../support/eventually.js';
import { WebhookReceiver } from '../../support/http/webhook-receiver.js';

Logger.overrideLogger(false);

const EVENT: JournalEvent = {
  position: 4_711n,
  type: 'operator_action',
  subject: '0198c0de-0000-7000-8000-000000000001',
  revision: 3,
  at: '2026-11-29T08:00:00.123Z',
  data: '{"action":"queue retry","by":"ann","note":"Ärger","target":"12345678903"}',
};

describe(WebhookSink, () => {
  let receiver: WebhookReceiver;
  let connection: EventConnection;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    connection = await connect(receiver.url);
  });

  afterEach(async () => {
    await connection.close();
    await receiver.stop();
  });

  /** As the module wires it, where a test does not wait less. */
  function connect(url: string, timeoutMs?: number): Promise<EventConnection> {
    const requests = webhookRequests();
    const http = new HttpService(
      axios.create({ ...requests, ...(timeoutMs !== undefined && { timeout: timeoutMs }) }),
    );
    const settings = { url, secret: WebhookReceiver.SECRET };
    return new WebhookSink(settings, http, new SystemClock()).connect();
  }

  const publish = (): Promise<void> => connection.publish([EVENT]);

  it('posts a signed CloudEvent, without what only operators may see', async () => {
    await publish();
    expect(receiver.posts).toHaveLength(1);
    const [{ event, headers, path } = { event: undefined, headers: {}, path: '' }] = receiver.posts;
    expect(event).toEqual({
      specversion: '1.0',
      id: '4711',
      source: 'gophermart',
      type: 'operator_action',
      subject: '0198c0de-0000-7000-8000-000000000001',
      time: '2026-11-29T08:00:00.123Z',
      revision: 3,
      data: { action: 'queue retry', target: '12345678903' },
    });
    expect(path).toBe('/hooks');
    expect(headers).toMatchObject({
      'content-type': 'application/cloudevents+json',
      'webhook-id': '4711',
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
      'webhook-signature': expect.stringMatching(/^v1,/),
    });
    expect(headers).not.toHaveProperty('authorization');
  });

  it('waits for 15 s, and no longer', () => {
    expect(webhookRequests().timeout).toBe(15_000);
  });

  it('sends the credentials of the address, and names them nowhere', async () => {
    connection = await connect(receiver.url.replace('//', '//ann:p%40ss@') + '?key=1');
    await publish();
    const [{ headers, path } = { headers: {}, path: '' }] = receiver.posts;
    const authorization = String((headers as Record<string, unknown>)['authorization']);
    expect(Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()).toBe('ann:p@ss');
    expect(path).toBe('/hooks?key=1');
    await receiver.stop();
    await expect(publish()).rejects.toThrow(/^(?!.*(ann|ss|127)).*ECONN/);
    await receiver.restart();
  });

  it('uses a connection again', async () => {
    for (let i = 0; i < 20; i++) await publish();
    expect(receiver.posts).toHaveLength(20);
    expect(receiver.connections).toBeLessThan(5);
  });

  it.each([
    [301, 'status 301, and redirects are not followed'],
    [307, 'status 307, and redirects are not followed'],
    [400, 'status 400'],
    [404, 'status 404'],
    [500, 'status 500'],
  ])('takes %d for a failure', async (status, message) => {
    receiver.answer = () => (response) =>
      response.writeHead(status, { location: receiver.url }).end('x');
    await expect(publish()).rejects.toMatchObject({ name: 'EventsRefused', message });
    expect(receiver.posts).toHaveLength(1);
  });

  it('stops with 410', async () => {
    receiver.answer = () => 410;
    await expect(publish()).rejects.toMatchObject({
      name: 'SinkStopped',
      message: 'the receiver has answered 410 Gone',
    });
  });

  it('passes on how long the receiver asks to wait', async () => {
    receiver.answer = () => (response) => response.writeHead(503, { 'retry-after': '7' }).end();
    await expect(publish()).rejects.toMatchObject({ name: 'EventsRefused', retryAfterMs: 7_000 });
  });

  it('takes silence for a failure', async () => {
    connection = await connect(receiver.url, 300);
    receiver.answer = () => undefined;
    await expect(publish()).rejects.toMatchObject({
      name: 'EventsRefused',
      message: 'no reply within 300 ms',
    });
  });

  it('takes a head with 2xx for taken, and ends a body that does not end', async () => {
    let closed = 0;
    const timers: NodeJS.Timeout[] = [];
    const endless =
      (chunk: string, ms: number) =>
      () =>
      (response: import('node:http').ServerResponse): void => {
        response.once('close', () => closed++);
        response.writeHead(200).write('x');
        timers.push(setInterval(() => response.write(chunk), ms));
      };
    for (const answer of [endless('x'.repeat(9_000), 1), endless('x', 10)]) {
      receiver.answer = answer;
      await publish();
    }
    await eventually('both are closed', () => closed === 2);
    for (const timer of timers) clearInterval(timer);
  });

  it('ignores what comes before the reply', async () => {
    receiver.answer = () => (response) => {
      response.writeEarlyHints({ link: '</x>; rel=preload' }, () => response.writeHead(500).end());
    };
    await expect(publish()).rejects.toThrow('status 500');
  });

  it('ends what is under way when it is closed', async () => {
    receiver.answer = () => undefined;
    const under = publish();
    await eventually('posted', () => receiver.posts.length === 1);
    await connection.close();
    await expect(under).rejects.toThrow('canceled');
    await expect(under).rejects.not.toMatchObject({ name: 'EventsRefused' });
    await expect(publish()).rejects.toThrow('canceled');
  });
});
