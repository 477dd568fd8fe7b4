import { describe, expect, it } from '@jest/globals';
import { factOf, latestOrders, MalformedEvent, type OrderFact } from './fact.js';

const ANN = '0190a5b0-0000-7000-8000-000000000001';
const TIME = '2026-11-29T08:00:00.000Z';

const created = {
  id: '7',
  type: 'order_created',
  subject: ANN,
  revision: 1,
  time: TIME,
  data: { order: '12345678903', status: 'NEW', uploaded_at: TIME },
};

const processed = {
  id: '9',
  type: 'transaction_processed',
  subject: ANN,
  revision: 3,
  time: TIME,
  data: {
    transaction: ANN,
    kind: 'WITHDRAWAL',
    order: '2377225624',
    amount: '-7.51',
    balance: '1.00',
    withdrawn: '7.51',
  },
};

const recount = {
  id: '11',
  type: 'operator_action',
  subject: ANN,
  time: TIME,
  data: { action: 'customer recount', target: ANN, balance: '6.00', withdrawn: '4.00' },
};

describe(factOf, () => {
  it('knows how an order was created', () => {
    expect(factOf(created)).toEqual({
      order: {
        userId: ANN,
        number: '12345678903',
        revision: 1,
        status: 'NEW',
        uploadedAt: TIME,
        created: '7',
      },
    });
  });

  it('knows what an order became', () => {
    const data = { order: '12345678903', status: 'PROCESSED', accrual: '5.00' };
    expect(factOf({ ...created, type: 'order_updated', revision: 3, data })).toEqual({
      order: {
        userId: ANN,
        number: '12345678903',
        revision: 3,
        status: 'PROCESSED',
        accrual: '5.00',
        finishedAt: TIME,
      },
    });
    const processing = { order: '12345678903', status: 'PROCESSING' };
    const update = { ...created, type: 'order_updated', revision: 2, data: processing };
    expect(factOf(update)).toMatchObject({ order: { processingAt: TIME } });
    expect(factOf({ ...update, time: undefined })).toEqual({
      order: { userId: ANN, number: '12345678903', revision: 2, status: 'PROCESSING' },
    });
  });

  it('knows an entry, with and without an order', () => {
    const entry = {
      userId: ANN,
      revision: 3,
      position: '9',
      id: ANN,
      kind: 'WITHDRAWAL',
      number: '2377225624',
      amount: '-7.51',
      balance: '1.00',
      withdrawn: '7.51',
      at: TIME,
    };
    expect(factOf(processed)).toEqual({ entry });
    const data = { ...processed.data, order: undefined };
    expect(factOf({ ...processed, data })).toEqual({ entry: { ...entry, number: undefined } });
    const reason = 'a "gift"';
    expect(factOf({ ...processed, data: { ...processed.data, reason } })).toEqual({
      entry: { ...entry, reason },
    });
  });

  it('knows what an account was set to, and has no use for what else operators do', () => {
    expect(factOf(recount)).toEqual({
      recount: { userId: ANN, position: '11', balance: '6.00', withdrawn: '4.00' },
    });
    for (const data of [{ ...recount.data, action: 'customer adjust' }, 'text', [], 7])
      expect(factOf({ ...recount, data })).toBeUndefined();
  });

  it.each(['user_registered', 'accrual_finished', 'operator_action', 'something_new'])(
    'has no use for %s',
    (type) => {
      expect(factOf({ ...created, type, data: null })).toBeUndefined();
    },
  );

  it.each([
    ['the event is no object', 'text'],
    ['the event is no object', null],
    ['it has no type', { ...created, type: 7 }],
    ['data is no object', { ...created, data: 'text' }],
    ['its subject is "ann"', { ...created, subject: 'ann' }],
    ['its subject is undefined', { ...created, subject: undefined }],
    ['its revision is "1"', { ...created, revision: '1' }],
    ['its revision is 0', { ...created, revision: 0 }],
    ['its id is "x"', { ...created, id: 'x' }],
    ['its status is "LOST"', { ...created, data: { ...created.data, status: 'LOST' } }],
    ['its uploaded_at is "now"', { ...created, data: { ...created.data, uploaded_at: 'now' } }],
    ['its order is "a"', { ...created, data: { ...created.data, order: 'a' } }],
    ['its order is "1111', { ...created, data: { ...created.data, order: '1'.repeat(1001) } }],
    ['its amount is 7', { ...processed, data: { ...processed.data, amount: 7 } }],
    ['its balance is "1"', { ...processed, data: { ...processed.data, balance: '1' } }],
    ['its time is undefined', { ...processed, time: undefined }],
    ['its transaction is 7', { ...processed, data: { ...processed.data, transaction: 7 } }],
    ['its withdrawn is 4', { ...recount, data: { ...recount.data, withdrawn: 4 } }],
    ['its subject is undefined', { ...recount, subject: undefined }],
    ['its reason is 7', { ...processed, data: { ...processed.data, reason: 7 } }],
  ])('says that %s', (problem, event) => {
    expect(() => factOf(event)).toThrow(MalformedEvent);
    expect(() => factOf(event)).toThrow(problem);
  });
});

describe(latestOrders, () => {
  const fact = (revision: number, others: Partial<OrderFact> = {}): OrderFact => ({
    userId: ANN,
    number: '12345678903',
    revision,
    status: `${revision}`,
    ...others,
  });
  const creation = { uploadedAt: TIME, created: '7', processingAt: TIME };

  it.each([
    [[fact(1, creation), fact(2), fact(3)]],
    [[fact(3), fact(1, creation), fact(2)]],
    [[fact(2), fact(3), fact(1, creation)]],
  ])('has the highest revision with what created it, in whatever order they come', (facts) => {
    expect(latestOrders(facts)).toEqual([fact(3, creation)]);
  });

  it('forgets an accrual that a later revision does not have', () => {
    expect(latestOrders([fact(2, { accrual: '5.00' }), fact(3)])).toEqual([fact(3)]);
  });

  it('keeps orders apart', () => {
    const other = { number: '2377225624' };
    expect(latestOrders([fact(1), fact(1, other)])).toEqual([fact(1), fact(1, other)]);
  });
});
