import { describe, expect, it } from '@jest/globals';
import { HeldClock } from '../../support/fakes/fake-clock.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService } from '../../support/http/test-service.js';

describe('the life of a token', () => {
  it('ends with the time it was issued for, a second after it was still good', async () => {
    const service = await startTestService({ settings: { auth: { tokenTtlSeconds: 3_600 } } });
    try {
      const clock = new HeldClock(service);
      const { authorization } = await service.customer();
      const balance = (): Promise<RawReply> =>
        send(service.url, 'GET /api/user/balance', { headers: { authorization } });
      clock.advance(3_598_000);
      expect((await balance()).status).toBe(200);
      clock.advance(2_000);
      expectRefusal(await balance(), REFUSALS.unauthenticated);
    } finally {
      await service.stop();
    }
  });
});
