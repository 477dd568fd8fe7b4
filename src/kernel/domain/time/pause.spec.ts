import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Pause } from './pause.js';

describe(Pause.name, () => {
  let pause: Pause;
  let isOver: boolean;
  let ended: number;

  beforeEach(() => {
    jest.useFakeTimers();
    pause = new Pause();
    isOver = false;
    ended = 0;
  });

  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  const wait = (ms = 100): void => void pause.wait(ms, () => isOver).then(() => ended++);
  const passes = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  it('takes its time, however often it is looked whether it is over', async () => {
    wait();
    pause.look();
    await passes(99);
    pause.look();
    expect(ended).toBe(0);
    await passes(1);
    expect(ended).toBe(1);
  });

  it('ends when it is over, and has not begun where it is already', async () => {
    wait();
    isOver = true;
    await passes(10);
    expect(ended).toBe(0);
    pause.look();
    await passes(0);
    expect(ended).toBe(1);
    wait();
    await passes(0);
    expect(ended).toBe(2);
  });

  it('may be looked at when there is none', async () => {
    pause.look();
    wait(1);
    await passes(1);
    isOver = true;
    pause.look();
    expect(ended).toBe(1);
  });
});
