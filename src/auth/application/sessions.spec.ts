import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import { DatabaseUnavailable } from '../../kernel/application/persistence-errors.js';
import type { AuthSettings } from '../auth.settings.js';
import type { Session, SessionEnd } from '../domain/session.js';
import { SessionEnds, type SessionEndsPage } from './ports.js';
import { Sessions } from './sessions.js';

/** Pages of one; a mark is how many were read of a list with a name. */
class ListedEnds extends SessionEnds {
  isAway = false;
  name = 'a';
  list: SessionEnd[] = [];
  readonly asked: (string | undefined)[] = [];
  /** What happens elsewhere while a page is read. */
  meanwhile = (): void => undefined;
  /** What the first page of a list waits for. */
  held: Promise<void> | undefined;

  async after(mark: string | undefined): Promise<SessionEndsPage | undefined> {
    this.asked.push(mark);
    await (mark === undefined ? this.held : undefined);
    this.meanwhile();
    if (this.isAway) throw new DatabaseUnavailable('nobody answers');
    const [name, read = '0'] = (mark ?? `${this.name} 0`).split(' ');
    if (name !== this.name) return undefined;
    const next = Number(read) + 1;
    return {
      ends: this.list.slice(next - 1, next),
      mark: `${name} ${Math.min(next, this.list.length)}`,
      isLast: next >= this.list.length,
    };
  }
}

Logger.overrideLogger(false);

describe(Sessions.name, () => {
  let clock: FakeClock;
  let ends: ListedEnds;
  let sessions: Sessions;
  let session: Session;

  beforeEach(async () => {
    clock = new FakeClock();
    ends = new ListedEnds();
    sessions = new Sessions(ends, clock, { tokenTtlSeconds: 60 } as unknown as AuthSettings);
    session = {
      userId: 'ann',
      generation: 2,
      tokenHash: 'hash',
      expiresAt: clock.ms / 1000 + 60,
      goodUntil: clock.ms / 1000 + 60,
    };
    await sessions.refresh();
  });

  afterEach(() => sessions.onApplicationShutdown());

  const refreshed = async (...more: SessionEnd[]): Promise<void> => {
    ends.list.push(...more);
    await sessions.refresh();
  };

  it.each<[string, SessionEnd]>([
    ['a log-out of this token', { userId: 'ann', tokenHash: 'hash' }],
    ['a higher generation', { userId: 'ann', generation: 3 }],
  ])('have ended after %s, here at once and elsewhere with the next refresh', async (_, end) => {
    const elsewhere = new Sessions(ends, clock, { tokenTtlSeconds: 60 } as unknown as AuthSettings);
    await elsewhere.refresh();
    expect([sessions, elsewhere].map((each) => each.stateOf(session))).toEqual(['live', 'live']);
    sessions.end(end);
    expect(sessions.stateOf(session)).toBe('ended');
    ends.list.push(end);
    await elsewhere.refresh();
    expect(elsewhere.stateOf(session)).toBe('ended');
  });

  it('go on after a log-out of another token, or the generation that they have', async () => {
    await refreshed(
      { userId: 'ann', tokenHash: 'another' },
      { userId: 'ann', generation: 2 },
      { userId: 'bob', generation: 9 },
    );
    expect(sessions.stateOf(session)).toBe('live');
  });

  it('do not begin again when an older end comes later', async () => {
    await refreshed({ userId: 'ann', generation: 3 }, { userId: 'ann', generation: 1 });
    expect(sessions.stateOf(session)).toBe('ended');
  });

  it('are not known to be live once nothing was heard for 10 s', async () => {
    ends.isAway = true;
    clock.advance(10_000);
    await sessions.refresh();
    expect(sessions.stateOf(session)).toBe('live');
    clock.advance(1);
    expect(sessions.stateOf(session)).toBe('unknown');
    const { length } = ends.asked;
    await expect(sessions.settle(session)).resolves.toBe('unknown');
    expect(ends.asked).toHaveLength(length);
    ends.isAway = false;
    clock.advance(1_000);
    await expect(sessions.settle(session)).resolves.toBe('live');
  });

  it('are asked for again where the process stood still with a question on its way', async () => {
    const asking = sessions.refresh();
    clock.advance(60_000);
    await expect(sessions.settle(session)).resolves.toBe('live');
    await asking;
  });

  it('are waited for half a second, then it is not known', async () => {
    ends.name = 'b';
    let answer = (): void => undefined;
    ends.held = new Promise((resolve) => (answer = resolve));
    clock.advance(10_001);
    await expect(sessions.settle(session)).resolves.toBe('unknown');
    const asking = sessions.settle(session);
    answer();
    await expect(asking).resolves.toBe('live');
  });

  it('count the time from the question, not from its answer', async () => {
    ends.meanwhile = () => clock.advance(6_000);
    await sessions.refresh();
    clock.advance(4_001);
    expect(sessions.stateOf(session)).toBe('unknown');
  });

  it('begin anew where what was heard of last is not known any more', async () => {
    await refreshed({ userId: 'bob', generation: 1 });
    Object.assign(ends, { name: 'b', list: [{ userId: 'ann', generation: 3 }] });
    await sessions.refresh();
    expect(sessions.stateOf(session)).toBe('ended');
  });

  it('go on with the page that has failed where they begin anew', async () => {
    const others = [1, 2].map((generation) => ({ userId: 'bob', generation }));
    Object.assign(ends, { name: 'b', list: [{ userId: 'ann', generation: 3 }, ...others] });
    ends.meanwhile = () => (ends.isAway = ends.asked.at(-1) === 'b 1');
    await sessions.refresh();
    expect([ends.isAway, sessions.stateOf(session)]).toEqual([true, 'live']);
    Object.assign(ends, { isAway: false, meanwhile: () => undefined });
    await sessions.refresh();
    expect(ends.asked).toEqual([undefined, 'a 0', undefined, 'b 1', 'b 1', 'b 2']);
    expect(sessions.stateOf(session)).toBe('ended');
  });

  const anHourLater = async (): Promise<void> => {
    clock.advance(3_600_000);
    await sessions.refresh();
  };
  /** What is read beside the refreshes. */
  const reloaded = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

  it('forget every hour what nobody tells of, but nothing that ends meanwhile', async () => {
    await refreshed({ userId: 'ann', tokenHash: 'hash' });
    ends.list = [{ userId: 'carl', generation: 1 }];
    ends.meanwhile = () => sessions.end({ userId: 'bob', generation: 1 });
    await anHourLater();
    await reloaded();
    expect(sessions.stateOf(session)).toBe('live');
    for (const userId of ['bob', 'carl'])
      expect(sessions.stateOf({ ...session, userId, generation: 0 })).toBe('ended');
  });

  it('hear of what ends while all is read anew, and keep it', async () => {
    await refreshed({ userId: 'carl', generation: 1 });
    let goOn = (): void => undefined;
    ends.held = new Promise((resolve) => (goOn = resolve));
    await anHourLater();
    expect(ends.asked.at(-1)).toBeUndefined();
    await refreshed({ userId: 'ann', generation: 3 });
    expect(sessions.stateOf(session)).toBe('ended');
    // A page that was read before.
    ends.list.pop();
    goOn();
    await reloaded();
    expect(sessions.stateOf(session)).toBe('ended');
  });

  it('are not known by what was read of a database that has been restored since', async () => {
    await refreshed({ userId: 'carl', generation: 1 });
    let goOn = (): void => undefined;
    ends.held = new Promise((resolve) => (goOn = resolve));
    await anHourLater();
    await refreshed({ userId: 'ann', generation: 3 });
    Object.assign(ends, { name: 'b', list: [{ userId: 'carl', generation: 1 }], held: undefined });
    await sessions.refresh();
    goOn();
    await reloaded();
    expect(sessions.stateOf(session)).toBe('live');
  });

  it('tell once who waits for their end, and nobody else', async () => {
    const told: string[] = [];
    sessions.whenEnded(session, () => told.push('ann'));
    sessions.whenEnded({ ...session, generation: 3 }, () => told.push('ann later'));
    sessions.whenEnded({ ...session, userId: 'bob' }, () => told.push('bob'));
    sessions.whenEnded(session, () => told.push('stopped'))();
    await refreshed({ userId: 'ann', generation: 3 });
    expect(told).toEqual(['ann']);
    sessions.end({ userId: 'ann', tokenHash: 'hash' });
    expect(told).toEqual(['ann', 'ann later']);
  });

  it('tell soon who waits for what is over, and not before they can stop it', async () => {
    sessions.end({ userId: 'ann', tokenHash: 'hash' });
    const tell = jest.fn();
    sessions.whenEnded(session, tell);
    expect(tell).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(tell).toHaveBeenCalledTimes(1);
  });

  it('tell when the token expires', async () => {
    const told = new Promise<void>((resolve) => {
      sessions.whenEnded({ ...session, goodUntil: clock.ms / 1000 + 0.02 }, resolve);
    });
    clock.advance(20);
    await expect(told).resolves.toBeUndefined();
  });
});
