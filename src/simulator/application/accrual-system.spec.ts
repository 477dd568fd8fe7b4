import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { ExactDecimal } from '../domain/exact-decimal.js';
import { Orders, welcomeAward } from '../domain/order.js';
import { RewardProgramme, RewardRule } from '../domain/reward-programme.js';
import {
  IssueOrderNumber,
  RegisterOrder,
  RegisterReward,
  ReportCalculation,
} from './accrual-system.js';

const number = OrderNumber.parse('12345678903');
const bork = [{ description: 'Чайник Bork', price: ExactDecimal.parse('7000') }];
const rules = { calculationMs: 600, rewardUnknown: false };
let clock: FakeClock;
let orders: Orders;
let programme: RewardProgramme;

beforeEach(() => {
  clock = new FakeClock();
  orders = new Orders(100);
  programme = new RewardProgramme();
  new RegisterReward(programme).execute(new RewardRule('Bork', ExactDecimal.parse('10'), '%'));
});

describe(RegisterOrder.name, () => {
  it('takes an order in once', () => {
    const registerOrder = new RegisterOrder(orders, programme, clock);
    expect(registerOrder.execute(number, bork)).toBe('accepted');
    expect(registerOrder.execute(number, bork)).toBe('known-order');
  });

  it('computes an award by the rewards in force when the order came', () => {
    new RegisterOrder(orders, programme, clock).execute(number, bork);
    new RegisterReward(programme).execute(new RewardRule('Чайник', ExactDecimal.parse('50'), 'pt'));
    clock.advance(600);
    expect(new ReportCalculation(orders, clock, rules).execute(number)?.accrual?.toString()).toBe(
      '700',
    );
  });
});

describe(ReportCalculation.name, () => {
  it('reports a registered order as REGISTERED, PROCESSING, then PROCESSED', () => {
    const report = new ReportCalculation(orders, clock, rules);
    new RegisterOrder(orders, programme, clock).execute(number, bork);
    const statuses = [0, 200, 400].map((passed) => {
      clock.advance(passed);
      return report.execute(number)?.status;
    });
    expect(statuses).toEqual(['REGISTERED', 'PROCESSING', 'PROCESSED']);
  });

  it('does not go back to PROCESSING when the clock is set back', () => {
    const report = new ReportCalculation(orders, clock, rules);
    new RegisterOrder(orders, programme, clock).execute(number, bork);
    clock.advance(600);
    clock.ms -= 40_000;
    expect(report.execute(number)?.status).toBe('PROCESSED');
  });

  it('knows nothing of an order that nobody registered', () => {
    const report = new ReportCalculation(orders, clock, rules);
    expect(report.execute(number)).toBeUndefined();
    clock.advance(600);
    expect(report.execute(number)).toBeUndefined();
  });

  it('registers an unknown order, where told to, at the first request for it', () => {
    const report = new ReportCalculation(orders, clock, { ...rules, rewardUnknown: true });
    expect(report.execute(number)).toEqual({ status: 'REGISTERED' });
    clock.advance(600);
    const final = report.execute(number);
    expect(final?.status).toBe('PROCESSED');
    expect(final?.accrual?.isZero).toBe(false);
    expect(new RegisterOrder(orders, programme, clock).execute(number, bork)).toBe('known-order');
  });
});

describe(IssueOrderNumber.name, () => {
  it('issues valid numbers, none twice, also while the clock stands still or is set back', () => {
    const issue = new IssueOrderNumber(orders, clock);
    const issued = Array.from({ length: 50 }, (_, i) => {
      if (i === 25) clock.ms -= 10_000;
      return issue.execute().value;
    });
    expect(new Set(issued).size).toBe(50);
    issued.forEach((each) => expect(OrderNumber.parse(each).value).toBe(each));
  });

  it('skips a number that is registered', () => {
    const taken = new IssueOrderNumber(orders, clock).execute();
    new RegisterOrder(orders, programme, clock).execute(taken, bork);
    expect(new IssueOrderNumber(orders, clock).execute().value).not.toBe(taken.value);
  });

  it('issues numbers that earn points, calculated from the first request on', () => {
    const issued = new IssueOrderNumber(orders, clock).execute();
    const report = new ReportCalculation(orders, clock, rules);
    clock.advance(10_000);
    expect(report.execute(issued)).toEqual({ status: 'REGISTERED' });
    clock.advance(200);
    expect(report.execute(issued)).toEqual({ status: 'PROCESSING' });
    clock.advance(400);
    expect(report.execute(issued)).toEqual({
      status: 'PROCESSED',
      accrual: welcomeAward(issued),
    });
  });

  it('issues numbers that can be registered with goods, as long as nobody has asked', () => {
    const issue = new IssueOrderNumber(orders, clock);
    const [registered, asked] = [issue.execute(), issue.execute()];
    const register = new RegisterOrder(orders, programme, clock);
    const report = new ReportCalculation(orders, clock, rules);
    expect(register.execute(registered, bork)).toBe('accepted');
    expect(register.execute(registered, bork)).toBe('known-order');
    clock.advance(600);
    expect(report.execute(registered)?.accrual?.toString()).toBe('700');
    report.execute(asked);
    expect(register.execute(asked, bork)).toBe('known-order');
  });
});
