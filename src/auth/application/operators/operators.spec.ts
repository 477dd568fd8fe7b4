import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeUnitOfWork } from '../../../../test/support/fakes/fake-unit-of-work.js';
import {
  InMemoryAccess,
  InMemoryUsers,
  PlainHasher,
} from '../../../../test/support/users/in-memory-users.js';
import { DomainEvents } from '../../../kernel/application/domain-events.js';
import type { Deferred, Transaction } from '../../../kernel/application/unit-of-work.js';
import type { AuthSettings } from '../../auth.settings.js';
import { UnknownUser } from '../../domain/errors.js';
import { SpendingBlocked, SpendingUnblocked } from '../../domain/user.js';
import { BlockUser, UnblockUser } from './block-user.js';
import { type AlongWith, EndSessions, ResetPassword } from './end-sessions.js';
import { ForgetUser } from './forget-user.js';

class Transactions extends FakeUnitOfWork {
  /** Commits whose answer is lost: the work is run again. */
  lostCommits = 0;

  override async run<T>(work: (transaction: Transaction) => Promise<T | Deferred<T>>): Promise<T> {
    while (this.lostCommits-- > 0) await super.run(work);
    return super.run(work);
  }
}

describe('what operators do to users', () => {
  let users: InMemoryUsers;
  let access: InMemoryAccess;
  let transactions: Transactions;
  let told: string[];
  let block: BlockUser;
  let unblock: UnblockUser;
  let endSessions: EndSessions;
  let resetPassword: ResetPassword;
  let forget: ForgetUser;

  beforeEach(() => {
    users = new InMemoryUsers();
    users.put('ann', { generation: 4 });
    access = new InMemoryAccess(users);
    transactions = new Transactions();
    told = [];
    const events = new DomainEvents();
    events.subscribe(SpendingBlocked, ([each]) => void told.push(`${each?.userId} may not spend`));
    events.subscribe(SpendingUnblocked, ([each]) => void told.push(`${each?.userId} may spend`));
    block = new BlockUser(transactions, events, users, access);
    unblock = new UnblockUser(transactions, events, users, access);
    endSessions = new EndSessions(transactions, users, access);
    const settings = { passwordMinLength: 9 } as unknown as AuthSettings;
    resetPassword = new ResetPassword(transactions, access, new PlainHasher(), settings);
    forget = new ForgetUser(transactions, events, access);
  });

  const record: AlongWith = (transaction) =>
    told.push(transaction === transactions.open ? 'recorded' : 'recorded outside');
  const state = (): object | undefined => users.states.get('ann');

  it('blocks once, ends all sessions, and tells the account first', async () => {
    await expect(block.execute('ann', 'fraud', record)).resolves.toBe(true);
    expect(told).toEqual(['ann may not spend', 'recorded']);
    expect(state()).toMatchObject({ isBlocked: true, generation: 104 });
    await expect(block.execute('ann', 'again', record)).resolves.toBe(false);
    expect(state()).toMatchObject({ generation: 104 });
    expect(told.filter((each) => each === 'recorded')).toHaveLength(1);
  });

  it('unblocks once, and no session begins again', async () => {
    await block.execute('ann', 'fraud', record);
    told.length = 0;
    await expect(unblock.execute('ann', record)).resolves.toBe(true);
    expect(told).toEqual(['ann may spend', 'recorded']);
    expect(state()).toMatchObject({ isBlocked: false, generation: 104 });
    await expect(unblock.execute('ann', record)).resolves.toBe(false);
  });

  it('ends all sessions', async () => {
    await endSessions.execute('ann', record);
    expect(state()).toMatchObject({ generation: 104, passwordHash: 'hash of secret' });
    expect(told).toEqual(['recorded']);
  });

  it('ends the session, too, that a change of the password begins meanwhile', async () => {
    const byId = users.byId.bind(users);
    let changes = 1;
    users.byId = async (id) => {
      const user = await byId(id);
      if (changes-- > 0) users.put('ann', { generation: 5 });
      return user;
    };
    await endSessions.execute('ann', record);
    expect(state()).toMatchObject({ generation: 105 });
    expect(told).toEqual(['recorded']);
  });

  it('gives a new password that is long enough, and ends all sessions', async () => {
    await expect(resetPassword.execute('ann', record)).resolves.toBe('xxxxxxxxx');
    expect(state()).toMatchObject({ generation: 104, passwordHash: 'hash of xxxxxxxxx' });
    expect(told).toEqual(['recorded']);
  });

  it('forgets, and tells the account first', async () => {
    await forget.execute('ann', record);
    expect(state()).toBeUndefined();
    expect(told).toEqual(['ann may not spend', 'recorded']);
    await expect(forget.execute('ann', record)).rejects.toThrow(UnknownUser);
  });

  it('knows what it has done after a connection lost at COMMIT', async () => {
    transactions.lostCommits = 1;
    await expect(block.execute('ann', 'fraud', record)).resolves.toBe(true);
    transactions.lostCommits = 1;
    await expect(unblock.execute('ann', record)).resolves.toBe(true);
    transactions.lostCommits = 1;
    await endSessions.execute('ann', record);
    expect(state()).toMatchObject({ generation: 204 });
    transactions.lostCommits = 1;
    await resetPassword.execute('ann', record);
    expect(state()).toMatchObject({ generation: 304 });
    transactions.lostCommits = 1;
    await expect(forget.execute('ann', record)).resolves.toBeUndefined();
    expect(told.filter((each) => each === 'recorded')).toHaveLength(5);
  });

  it('does nothing to nobody', async () => {
    for (const attempt of [
      block.execute('bob', 'fraud', record),
      unblock.execute('bob', record),
      endSessions.execute('bob', record),
      resetPassword.execute('bob', record),
      forget.execute('bob', record),
    ])
      await expect(attempt).rejects.toThrow(UnknownUser);
    expect(told).not.toContain('recorded');
  });
});
