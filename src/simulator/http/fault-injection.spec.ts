import { describe, expect, it } from '@jest/globals';
import { FaultInjection } from './fault-injection.js';

const none = { errorShare: 0, dropShare: 0, delayMs: { min: 0, max: 0 } };

describe(FaultInjection.name, () => {
  it('keeps to the shares', () => {
    let drawn = 0;
    const faults = new FaultInjection(
      { ...none, dropShare: 0.2, errorShare: 0.3 },
      () => drawn++ / 100,
    );
    const met = Array.from({ length: 100 }, () => faults.drawFault());
    expect(met.filter((each) => each === 'drop')).toHaveLength(20);
    expect(met.filter((each) => each === 'error')).toHaveLength(30);
  });

  it('hits no request with shares of 0, and every request with a share of 1', () => {
    expect(new FaultInjection(none, () => 0).drawFault()).toBeUndefined();
    expect(new FaultInjection({ ...none, errorShare: 1 }, () => 0.999999).drawFault()).toBe(
      'error',
    );
    expect(new FaultInjection({ ...none, dropShare: 1 }, () => 0).drawFault()).toBe('drop');
  });

  it('draws delays between the two ends', () => {
    const delayMs = { min: 20, max: 40 };
    expect(
      [0, 0.5, 1].map((drawn) => new FaultInjection({ ...none, delayMs }, () => drawn).drawDelay()),
    ).toEqual([20, 30, 40]);
    expect(new FaultInjection(none, () => 1).drawDelay()).toBe(0);
  });
});
