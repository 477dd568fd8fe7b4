import { createConfig, lintFromString } from '@redocly/openapi-core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { send } from '../../support/http/raw-http.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

interface Document {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Record<string, Record<string, { readonly tags: readonly string[] }>>;
}

let service: TestService;

beforeAll(async () => {
  service = await startTestService();
});

afterAll(() => service.stop());

describe('the API document', () => {
  const load = async (): Promise<string> => (await send(service.url, 'GET /docs-json')).text;

  it('breaks no recommended rule of Redocly’s', async () => {
    const text = await load();
    const config = await createConfig({ extends: ['recommended'] });
    const lint = (source: string): ReturnType<typeof lintFromString> =>
      lintFromString({ source, config });
    expect(await lint(text)).toEqual([]);
    const without = text.replace('"operationId":"getBalance",', '');
    expect((await lint(without)).map(({ ruleId }) => ruleId)).toEqual(['operation-operationId']);
  });

  it('is the same each time', async () => {
    for (const path of ['/docs-json', '/docs-yaml']) {
      const [first, second] = [
        await send(service.url, `GET ${path}`),
        await send(service.url, `GET ${path}`),
      ];
      expect(first.text).toBe(second.text);
    }
  });

  it('has its groups in the order of the story', async () => {
    const document = JSON.parse(await load()) as Document;
    expect(document.tags.map(({ name }) => name).join(' ')).toBe(
      'register upload watch spend sessions operations',
    );
    const used = Object.values(document.paths).flatMap((path) =>
      Object.values(path).flatMap(({ tags }) => tags),
    );
    expect(new Set(used)).toEqual(new Set(document.tags.map(({ name }) => name)));
  });
});

describe('the docs page', () => {
  it('loads everything it needs from the service itself', async () => {
    for (const path of ['/docs', '/docs/']) {
      const page = await send(service.url, `GET ${path}`);
      expect(page.text).toContain('name="viewport"');
      const links = [
        ...page.text.matchAll(/<(?:script|link|img)[^>]*?(?:src|href)=["']([^"']+)["']/g),
      ].map(([, link = '']) => new URL(link, service.url + path));
      expect(links.length).toBeGreaterThanOrEqual(5);
      for (const { origin, pathname } of links) {
        expect(origin).toBe(service.url);
        const { status } = await send(service.url, `GET ${pathname}`);
        expect([pathname, status]).toEqual([pathname, 200]);
      }
    }
  });
});
