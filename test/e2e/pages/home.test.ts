import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../../support/database/test-database.js';
import { processed } from '../../support/fakes/scripted-accrual.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { send } from '../../support/http/raw-http.js';
import { TcpProxy } from '../../support/http/tcp-proxy.js';
import {
  startTestService,
  type TestService,
  type TestServiceOptions,
} from '../../support/http/test-service.js';
import { runToEnd } from '../../support/processes/child.js';

const MARKS: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
};

/** What a browser shows for this HTML. */
function shown(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&([\w#]+);/g, (all, name: string) => MARKS[name] ?? all);
}

describe('the page at /', () => {
  let service: TestService | undefined;

  afterEach(() => service?.stop());

  async function start(options: TestServiceOptions = {}): Promise<TestService> {
    return (service = await startTestService(options));
  }

  const home = async (headers = {}): Promise<string> => {
    const reply = await send(service?.url ?? '', 'GET /', { headers });
    expect([reply.status, reply.headers['content-type']]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    return reply.text;
  };
  const commandsIn = (page: string): string[] =>
    [...page.matchAll(/<pre[^>]*>(.*?)<\/pre>/gs)].map(([, html = '']) => shown(html));

  it('says what this is and that it is ready, fits phones, and loads nothing', async () => {
    await start();
    const page = await home();
    expect(page).toMatch(/<p class="ready" role="status">Ready<\/p>/);
    expect(page).toContain('loyalty points');
    expect(page).toContain('name="viewport" content="width=device-width');
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page).not.toMatch(/<script|\son\w+=|<link[^>]+stylesheet|\ssrc=|url\(|@import/);
  });

  it.each(['a,b', 'a;b', 'a%3bb', 'a%2Cb'])(
    'is there for the host %s, as /docs is',
    async (host) => {
      const { url } = await start();
      for (const path of ['/', '/docs']) {
        const reply = await send(url, `GET ${path}`, { headers: { host } });
        expect(reply.status).toBe(200);
        expect(reply.headers['content-security-policy']).toContain("connect-src 'self' 'self';");
      }
    },
  );

  it('leads to pages that are there', async () => {
    const { url } = await start();
    const links = [...(await home()).matchAll(/<a href="([^"]+)"/g)].map(([, link = '']) => link);
    expect(links).toEqual(
      ['/docs', '/docs-json', '/health/ready', '/metrics'].map((path) => `${url}${path}`),
    );
    for (const link of links)
      expect((await send(url, `GET ${new URL(link).pathname}`)).status).toBe(200);
  });

  it('names what is away', async () => {
    const database = await createTestDatabase();
    const proxy = await TcpProxy.start(database.uri);
    try {
      await start({ database, databaseUri: proxy.uri });
      proxy.goDown();
      expect(await home()).toMatch(/<p class="away" role="status">Not ready: database<\/p>/);
    } finally {
      await service?.stop();
      service = undefined;
      await proxy.stop();
      await database.drop();
    }
  });

  it('has three commands that work as they are shown, and again', async () => {
    const issueOrderNumber = (): string => {
      const number = freshNumber();
      service?.accrual.script(number, processed(number, '500'));
      return number;
    };
    await start({ sandbox: { issueOrderNumber }, settings: { cashback: { tickMs: 20 } } });
    const commands = commandsIn(await home());
    expect(commands).toHaveLength(3);
    const folder = mkdtempSync(join(tmpdir(), 'gophermart-home-'));
    try {
      for (let time = 0; time < 2; time++) {
        const ended = await runToEnd('bash', ['-ec', commands.join('\n')], undefined, {
          cwd: folder,
        });
        expect(ended).toMatchObject({ exitCode: 0, errors: '' });
        expect(ended.output).toMatch(/"status":"PROCESSED".*\{"current":500,"withdrawn":0\}$/s);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says what to put in where nobody gives out numbers', async () => {
    await start();
    const page = await home();
    expect(shown(page)).toContain('in place of 12345678903');
    expect(commandsIn(page)[1]).toMatch(/ -d 12345678903 http/);
  });

  it('names the host as the client knows it, and takes nothing in it for HTML', async () => {
    await start();
    expect(await home({ host: 'shop.example:443' })).toContain(
      'href="http://shop.example:443/docs"',
    );
    const page = await home({ host: "a'&b" });
    expect(page).toContain('href="http://a&#39;&amp;b/docs"');
    expect(page).not.toContain("a'&b");
  });
});
