import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Post } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/internal';
import { CurrentUser } from '../../../src/auth/http/index.js';
import { OrdersHttpModule } from '../../../src/orders/orders-http.module.js';
import { Public } from '../../../src/platform/http/route.js';
import { claimsOf, forgeToken, readClaims } from '../../support/http/forged-token.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

/** What somebody adds who thinks of nothing but the feature. */
@Controller('newcomer')
class Newcomer {
  @Get()
  read(@CurrentUser() userId: string): string {
    return userId;
  }

  @Post()
  write(): string {
    throw new Error('a mistake');
  }

  @Get('open')
  @Public()
  open(): string {
    return 'hello';
  }
}

describe('a controller that nobody decorated', () => {
  const before = Reflect.getMetadata(MODULE_METADATA.CONTROLLERS, OrdersHttpModule) as unknown[];
  let service: TestService;
  let headers: { authorization: string };
  let userId: string;

  beforeAll(async () => {
    Reflect.defineMetadata(MODULE_METADATA.CONTROLLERS, [...before, Newcomer], OrdersHttpModule);
    service = await startTestService();
    const { authorization } = await service.customer();
    headers = { authorization };
    userId = readClaims(authorization).sub;
  });

  afterAll(async () => {
    Reflect.defineMetadata(MODULE_METADATA.CONTROLLERS, before, OrdersHttpModule);
    await service.stop();
  });

  const ask = (call: string, more = {}): Promise<RawReply> =>
    send(service.url, call, { headers: more });

  it.each(['GET /newcomer', 'POST /newcomer', 'HEAD /newcomer'])(
    'needs a token for %s',
    async (call) => {
      expect((await ask(call)).status).toBe(401);
      expect((await ask(call, { authorization: 'Bearer nonsense' })).status).toBe(401);
      expect((await ask(call, headers)).status).not.toBe(401);
    },
  );

  it('gets its user, by a token that was seen before and by one that was not', async () => {
    expectRefusal(await ask('GET /newcomer'), REFUSALS.unauthenticated);
    const unseen = `Bearer ${forgeToken({ ...claimsOf(userId), n: 1 })}`;
    for (const authorization of [headers.authorization, unseen, unseen])
      expect((await ask('GET /newcomer', { authorization })).text).toBe(userId);
  });

  it('is opened by @Public(), handler by handler', async () => {
    expect((await ask('GET /newcomer/open')).text).toBe('hello');
  });

  it.each(['/docs', '/docs-json', '/docs/swagger-ui.css', '/health/live', '/metrics'])(
    'does not close %s, which is declared open',
    async (path) => {
      expect((await ask(`GET ${path}`)).status).toBe(200);
    },
  );

  it.each([
    ['GET /nothing', 404],
    ['PUT /newcomer', 405],
    ['OPTIONS /newcomer', 405],
  ])('leaves %s a %d, without a token too', async (call, status) => {
    expect((await ask(call)).status).toBe(status);
  });
});
