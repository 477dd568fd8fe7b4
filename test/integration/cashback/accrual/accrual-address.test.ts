import { describe, expect, it } from '@jest/globals';
import { AccrualGateway } from '../../../../src/cashback/application/ports.js';
import { HttpAccrualGateway } from '../../../../src/cashback/infrastructure/http-accrual-gateway.js';
import { OrderNumber } from '../../../../src/kernel/domain/order-number.js';
import { ScriptedAccrual } from '../../../support/fakes/scripted-accrual.js';
import { freshNumber } from '../../../support/http/order-numbers.js';
import { startTestService } from '../../../support/http/test-service.js';

describe(`${HttpAccrualGateway.name}, when no accrual system is there`, () => {
  it('takes a refused connection for a fault', async () => {
    const service = await startTestService({
      settings: { cashback: { enabled: false } },
    });
    try {
      await service.accrual.stop();
      await expect(
        service.app
          .get(AccrualGateway, { strict: false })
          .request(OrderNumber.parse(freshNumber())),
      ).resolves.toEqual({ kind: 'fault', reason: 'connect ECONNREFUSED' });
    } finally {
      await service.app.close();
      await service.database.drop();
    }
  });
});

describe(`${HttpAccrualGateway.name}, with credentials in its address`, () => {
  it.each([
    ['user:p%40ss%3A%25@', 'user:p@ss:%'],
    ['us%C3%A9r@', 'usér:'],
    ['user:100%25%@', 'user:100%25%'],
    ['', undefined],
  ])('sends %s as Basic authentication, and names it nowhere', async (credentials, sent) => {
    const accrual = await ScriptedAccrual.start();
    const accrualAddress = accrual.url.replace('//', `//${credentials}`);
    const service = await startTestService({
      accrual,
      settings: { cashback: { enabled: false, accrualAddress } },
    });
    const gateway = service.app.get(AccrualGateway, { strict: false });
    const number = freshNumber();
    let authorization: string | undefined;
    accrual.script(number, (request, response) => {
      ({ authorization } = request.headers);
      response.writeHead(204).end();
    });
    await expect(gateway.request(OrderNumber.parse(number))).resolves.toEqual({ kind: 'unknown' });
    const decoded = Buffer.from(authorization?.replace('Basic ', '') ?? '', 'base64').toString();
    expect(authorization && decoded).toBe(sent);

    await accrual.stop();
    const fault = await gateway.request(OrderNumber.parse(number));
    expect(fault).toMatchObject({ kind: 'fault', reason: expect.stringContaining('ECONNREFUSED') });
    expect(JSON.stringify(fault)).not.toMatch(/@|p%40ss|user/);
    await service.stop();
  });
});
