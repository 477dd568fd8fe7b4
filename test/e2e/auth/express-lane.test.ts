import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ExecutionContext, Type } from '@nestjs/common';
import { RouteParamtypes } from '@nestjs/common/internal';
import { ModulesContainer } from '@nestjs/core';
import { JwtAuthGuard } from '../../../src/auth/index.js';
import { claimsOf, forgeToken, readClaims } from '../../support/http/forged-token.js';
import { giveOrders } from '../../support/database/many-orders.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { send } from '../../support/http/raw-http.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

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
  const replies = async (
    path: string,
    authorization: string,
    method = 'GET',
    more = {},
  ): Promise<unknown[]> => {
    const headers = {
      authorization: another(authorization),
      'x-request-id': 'same',
      'accept-language': 'en',
      ...more,
    };
    const seen: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      const reply = await send(service.url, `${method} /api/user/${path}`, { headers });
      seen.push([reply.status, { ...reply.headers, date: 'any' }, reply.bytes.toString('latin1')]);
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
        expect(first).toMatchObject([
          who === rich || path === 'balance' ? 200 : 204,
          {},
          expect.any(String),
        ]);
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

  it.each([
    ['GET', {}],
    ['GET', { 'accept-encoding': 'gzip' }],
    ['HEAD', {}],
  ])(
    'of so many orders that they come in pieces is answered as the first one was: %s %j',
    async (method, headers) => {
      const customer = await service.customer();
      await giveOrders(service, customer, 2_500);
      const [first, ...again] = await replies('orders', customer.authorization, method, headers);
      expect(again).toEqual([first, first]);
      expect(first).toMatchObject([
        200,
        { 'content-type': 'application/json; charset=utf-8' },
        expect.any(String),
      ]);
    },
  );

  it('passes by nothing but the guard that knows tokens, and the one that is off without a limit', () => {
    const lanes = [...service.app.get(ModulesContainer).values()].flatMap(({ controllers }) =>
      [...controllers.values()].flatMap(({ metatype }) =>
        metatype ? lanesOf(metatype as Type<object>) : [],
      ),
    );
    expect(lanes.map(({ method }) => method)).toEqual(['list', 'balance', 'list']);
    for (const { controller, method } of lanes) {
      const handler = (controller.prototype as Record<string, object>)[method] ?? {};
      expect(Reflect.getMetadata('__guards__', controller)).toEqual([JwtAuthGuard]);
      expect(Reflect.getMetadata('__guards__', handler)).toBeUndefined();
      for (const kind of [
        '__pipes__',
        '__interceptors__',
        '__exceptionFilters__',
        '__httpCode__',
        '__headers__',
      ]) {
        for (const target of [controller, handler])
          expect([kind, Reflect.getMetadata(kind, target) as unknown]).toEqual([kind, undefined]);
      }
      expect(parametersOf(controller, method)).toEqual(['ann', 'the reply']);
    }
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
      /(?<!\.spec)\.ts$/.test(name),
    );
    const global = sources.flatMap(
      (name) =>
        readFileSync(join('src', name), 'utf8').match(
          /(provide: APP_(?!FILTER)\w+.*|useGlobal(?!Filters)\w+)/g,
        ) ?? [],
    );
    expect(global).toEqual(['provide: APP_GUARD, useClass: RateLimitGuard },']);
  });
});

interface Parameter {
  readonly index: number;
  readonly pipes: readonly unknown[];
  readonly factory?: (data: unknown, context: ExecutionContext) => unknown;
}

/** What Nest would bind to the parameters for a request of Ann's. */
function parametersOf(controller: Type<object>, method: string): unknown[] {
  const request = { user: { userId: 'ann' } };
  const context = {
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
  const parameters = Reflect.getMetadata('__routeArguments__', controller, method) as Record<
    string,
    Parameter
  >;
  const bound: unknown[] = [];
  for (const [key, { index, pipes, factory }] of Object.entries(parameters)) {
    expect(pipes).toEqual([]);
    bound[index] = key.startsWith(`${RouteParamtypes.RESPONSE}:`)
      ? 'the reply'
      : factory?.(undefined, context);
  }
  return bound;
}

function lanesOf(controller: Type<object>): { controller: Type<object>; method: string }[] {
  const { prototype } = controller as { prototype: Record<string, object> };
  return Object.getOwnPropertyNames(prototype).flatMap((method) => {
    const config = Reflect.getMetadata('__fastify_route_config__', prototype[method] ?? {}) as
      object | undefined;
    return config && 'expressLane' in config ? [{ controller, method }] : [];
  });
}
