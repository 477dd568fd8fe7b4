import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AccountController } from '../../src/account/http/account.controller.js';
import { JwtAuthGuard } from '../../src/auth/index.js';
import { OrdersController } from '../../src/orders/http/orders.controller.js';
import { claimsOf, forgeToken, readClaims } from '../support/forged-token.js';
import { freshNumber } from '../support/order-numbers.js';
import { send } from '../support/raw-http.js';
import { startTestService, type TestService } from '../support/test-service.js';

/** Reads go past Nest's router once their token is known: nobody may see a difference. */
describe('a read with a token that was verified before', () => {
  let service: TestService;
  let tokens = 0;

  beforeAll(async () => {
    service = await startTestService();
  });

  afterEach(() => void jest.restoreAllMocks());

  afterAll(() => service.stop());

  /** A token of the same user that the service has not seen. */
  const another = (authorization: string): string => {
    const { sub } = readClaims(authorization);
    return `Bearer ${forgeToken({ ...claimsOf(sub), n: ++tokens })}`;
  };
  const replies = async (path: string, authorization: string): Promise<unknown[]> => {
    const headers = { authorization: another(authorization), 'x-request-id': 'same', 'accept-language': 'en' };
    const seen: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      const reply = await send(service.url, `GET /api/user/${path}`, { headers });
      seen.push([reply.status, { ...reply.headers, date: 'any' }, reply.text]);
    }
    return seen;
  };

  describe.each(['balance', 'orders', 'withdrawals'])('of the %s', (path) => {
    it('is answered as the first one was, with or without anything to show', async () => {
      const rich = await service.customerWith('100');
      expect((await rich.withdraw(freshNumber(), '1')).status).toBe(200);
      for (const who of [rich, await service.customer()]) {
        const [first, ...again] = await replies(path, who.authorization);
        expect(again).toEqual([first, first]);
        expect(first).toMatchObject([who === rich || path === 'balance' ? 200 : 204, {}, expect.any(String)]);
      }
    });

    it('meets the guard once', async () => {
      const guard = jest.spyOn(JwtAuthGuard.prototype, 'canActivate');
      await replies(path, (await service.customer()).authorization);
      expect(guard).toHaveBeenCalledTimes(1);
    });

    it('is refused as the first one was when the user is gone', async () => {
      const gone = await service.customer();
      const { sub } = readClaims(gone.authorization);
      await service.database.query('DELETE FROM gophermart.accounts WHERE user_id = $1', [sub]);
      await service.database.query('DELETE FROM gophermart.users WHERE id = $1', [sub]);
      const [first, ...again] = await replies(path, gone.authorization);
      expect(again).toEqual([first, first]);
      expect(first).toMatchObject([401, {}, expect.stringContaining('"code":401')]);
    });
  });

  it('passes by nothing but the guard that knows tokens, and the one that is off without a limit', () => {
    for (const controller of [AccountController, OrdersController]) {
      expect(Reflect.getMetadata('__guards__', controller)).toEqual([JwtAuthGuard]);
      for (const method of [controller, ...methodsOf(controller)]) {
        for (const kind of ['__pipes__', '__interceptors__']) expect(Reflect.getMetadata(kind, method)).toBeUndefined();
        if (method !== controller) expect(Reflect.getMetadata('__guards__', method)).toBeUndefined();
      }
    }
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.spec)\.ts$/.test(name));
    const global = sources.flatMap(
      (name) => readFileSync(join('src', name), 'utf8').match(/(provide: APP_(?!FILTER)\w+.*|useGlobal(?!Filters)\w+)/g) ?? [],
    );
    expect(global).toEqual(['provide: APP_GUARD, useClass: RateLimitGuard },']);
  });
});

function methodsOf({ prototype }: { prototype: object }): object[] {
  return Object.getOwnPropertyNames(prototype).map((name) => (prototype as Record<string, object>)[name] ?? {});
}
