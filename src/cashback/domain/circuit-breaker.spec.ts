import { beforeEach, describe, expect, it } from '@jest/globals';
import { CircuitBreaker, type JudgedFault } from './circuit-breaker.js';

const tasks = (judged: readonly JudgedFault<string>[]): string[] =>
  judged.map(({ task, spendsTry }) => `${task} ${spendsTry ? 'spends a try' : 'spends none'}`);

describe(CircuitBreaker.name, () => {
  let breaker: CircuitBreaker<string>;
  /** Faults of so many orders at `now`. */
  const faults = (count: number, now: number, name = 'dead'): string[] =>
    Array.from({ length: count }, (_, i) =>
      tasks(breaker.faulted(`${name} ${i + 1}`, 'status 500', now)),
    ).flat();

  beforeEach(() => {
    breaker = new CircuitBreaker((task) => task);
  });

  it('has a fault spend a try when another order is answered', () => {
    expect(faults(2, 0)).toEqual([]);
    expect(tasks(breaker.answered('live', 0))).toEqual([
      'dead 1 spends a try',
      'dead 2 spends a try',
    ]);
    expect(breaker.answered('live', 0)).toEqual([]);
  });

  it('returns the reason with the fault', () => {
    breaker.faulted('dead', 'status 502', 0);
    expect(breaker.answered('live', 0)).toEqual([
      { task: 'dead', reason: 'status 502', spendsTry: true },
    ]);
  });

  it('is in doubt, and still closed, when several orders fail in a row', () => {
    faults(2, 0);
    expect(breaker.isInDoubt).toBe(false);
    faults(1, 0, 'third');
    expect(breaker.isInDoubt).toBe(true);
    expect(breaker.isOpen).toBe(false);
  });

  it('takes one order that fails again and again for no outage', () => {
    for (let now = 0; now < 10_000; now += 100) faults(1, now, 'hanging');
    expect(breaker.isInDoubt).toBe(false);
  });

  it('is not in doubt when orders fail again that failed before, soon after an answer', () => {
    faults(20, 0);
    breaker.answered('live', 100);
    faults(20, 10_000);
    expect(breaker.isInDoubt).toBe(false);
    faults(20, 10_101);
    expect(breaker.isInDoubt).toBe(true);
  });

  it('remembers the latest ten thousand orders that failed, not all', () => {
    faults(3, 0, 'early');
    faults(10_000, 0, 'late');
    breaker.answered('live', 1);
    faults(3, 2, 'late');
    expect(breaker.isInDoubt).toBe(false);
    faults(3, 2, 'early');
    expect(breaker.isInDoubt).toBe(true);
  });

  it('counts an order that failed before and was answered since', () => {
    faults(3, 0);
    for (const i of [1, 2, 3]) breaker.answered(`dead ${i}`, 0);
    faults(3, 1);
    expect(breaker.isInDoubt).toBe(true);
  });

  it('has fifty faults spend a try when another order is answered, and does not open', () => {
    faults(50, 0);
    const judged = tasks(breaker.answered('live', 0));
    expect(judged).toHaveLength(50);
    expect(judged.every((each) => each.endsWith('spends a try'))).toBe(true);
    expect(breaker.isOpen).toBe(false);
    expect(breaker.isInDoubt).toBe(false);
  });

  it('opens after a second in doubt, and dismisses all faults', () => {
    faults(5, 1_000);
    expect(breaker.tick(1_999)).toEqual([]);
    expect(breaker.isOpen).toBe(false);
    expect(tasks(breaker.tick(2_000))).toEqual([1, 2, 3, 4, 5].map((i) => `dead ${i} spends none`));
    expect(breaker.isOpen).toBe(true);
  });

  it('counts the second from the beginning of the doubt, whatever fails later', () => {
    faults(3, 0);
    faults(2, 900, 'later');
    expect(breaker.tick(1_000)).toHaveLength(5);
  });

  it('dismisses a fault that no answer follows for a second and a half', () => {
    faults(2, 1_000);
    expect(breaker.tick(2_499)).toEqual([]);
    expect(tasks(breaker.tick(2_500))).toEqual(['dead 1 spends none', 'dead 2 spends none']);
    expect(breaker.isOpen).toBe(false);
  });

  it('dismisses each fault after a time of its own', () => {
    faults(1, 0, 'early');
    faults(1, 1_000, 'late');
    expect(tasks(breaker.tick(1_500))).toEqual(['early 1 spends none']);
    expect(tasks(breaker.answered('live', 0))).toEqual(['late 1 spends a try']);
  });

  it('dismisses a fault at once while it is open', () => {
    faults(5, 0);
    breaker.tick(1_000);
    expect(tasks(breaker.faulted('probe', 'x', 1_010))).toEqual(['probe spends none']);
    expect(breaker.isOpen).toBe(true);
  });

  it('closes with an answer; no fault of the outage spends a try', () => {
    breaker.follow(true);
    expect(breaker.answered('live', 0)).toEqual([]);
    expect(breaker.isOpen).toBe(false);
    faults(2, 0);
    expect(breaker.isInDoubt).toBe(false);
  });

  it('follows what another replica found out, and counts from zero then', () => {
    faults(2, 0);
    breaker.follow(true);
    expect(breaker.isOpen).toBe(true);
    expect(breaker.isInDoubt).toBe(false);
    breaker.follow(false);
    faults(1, 0, 'next');
    expect(breaker.isInDoubt).toBe(false);
  });

  it('dismisses faults that were followed by an outage which another replica found', () => {
    faults(2, 0);
    breaker.follow(true);
    expect(tasks(breaker.answered('live', 0))).toEqual([
      'dead 1 spends none',
      'dead 2 spends none',
    ]);
  });

  it('goes on counting when it is told what it knows', () => {
    faults(2, 0);
    breaker.follow(false);
    faults(1, 0, 'third');
    expect(breaker.isInDoubt).toBe(true);
  });

  it('returns every fault exactly once', () => {
    const judged = [
      ...faults(2, 0),
      ...tasks(breaker.tick(2_500)),
      ...faults(2, 2_600, 'again'),
      ...tasks(breaker.dismissAll()),
    ];
    expect(judged).toHaveLength(4);
    expect(breaker.dismissAll()).toEqual([]);
  });
});
