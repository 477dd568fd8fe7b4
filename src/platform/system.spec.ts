import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { validate, version } from 'uuid';
import { UuidV7Ids } from './system.js';

describe(UuidV7Ids.name, () => {
  afterEach(() => void jest.useRealTimers());

  it('makes UUIDs of version 7, each its own, in rising order', () => {
    const ids = new UuidV7Ids();
    const made = Array.from({ length: 10_000 }, () => ids.next());
    expect(made.every((id) => validate(id) && version(id) === 7)).toBe(true);
    expect(new Set(made).size).toBe(made.length);
    expect([...made].sort()).toEqual(made);
  });

  it('rises within one millisecond, and though the clock is set back', () => {
    jest.useFakeTimers({ now: 1_700_000_000_000 });
    const ids = new UuidV7Ids();
    const made = Array.from({ length: 1_000 }, () => ids.next());
    jest.setSystemTime(1_600_000_000_000);
    made.push(ids.next());
    jest.setSystemTime(1_700_000_000_001);
    made.push(ids.next());
    expect([...made].sort()).toEqual(made);
    expect(parseInt(made[0]?.replace('-', '').slice(0, 12) ?? '', 16)).toBe(1_700_000_000_000);
  });

  it('shares nothing with another process', () => {
    jest.useFakeTimers({ now: 1_700_000_000_000 });
    const [a, b] = [new UuidV7Ids(), new UuidV7Ids()];
    const made = Array.from({ length: 2_000 }, (_, i) => (i % 2 === 0 ? a : b).next());
    expect(new Set(made.map((id) => id.slice(24))).size).toBe(made.length);
  });
});
