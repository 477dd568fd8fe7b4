import { describe, expect, it } from '@jest/globals';
import { WAITING } from '../../../test/support/fakes/fake-unit-of-work.js';
import { hash, needsRehash } from 'argon2';
import { Registry } from 'prom-client';
import { ClientDisconnected } from '../../kernel/application/caller.js';
import type { AuthSettings } from '../auth.settings.js';
import { HashingOverloaded } from '../domain/errors.js';
import { Password } from '../domain/credentials.js';
import { Argon2PasswordHasher } from './argon2-password-hasher.js';

function hasher(
  hashConcurrency: number,
  hashQueue: number,
  registry = new Registry(),
): Argon2PasswordHasher {
  const settings = { hashConcurrency, hashQueue } as unknown as AuthSettings;
  return new Argon2PasswordHasher(settings, registry);
}

describe(Argon2PasswordHasher.name, () => {
  it('verifies the password it hashed and no other', async () => {
    const argon2 = hasher(1, 10);
    const stored = await argon2.hash(Password.parse(' пароль '), WAITING);
    await expect(argon2.verify(Password.parse(' пароль '), stored, WAITING)).resolves.toBe(true);
    await expect(argon2.verify(Password.parse('пароль'), stored, WAITING)).resolves.toBe(false);
  });

  it('takes either normal form of a new password, and the very form of an old one', async () => {
    const argon2 = hasher(1, 10);
    const [composed, decomposed] = [Password.parse('й'), Password.parse('и\u0306')];
    const fresh = await argon2.hash(decomposed, WAITING);
    await expect(argon2.verify(composed, fresh, WAITING)).resolves.toBe(true);
    await expect(argon2.verify(decomposed, fresh, WAITING)).resolves.toBe(true);
    // As versions before hashed what a Mac sent.
    const old = await hash('и\u0306', { memoryCost: 9_216, timeCost: 4, parallelism: 1 });
    await expect(argon2.verify(decomposed, old, WAITING)).resolves.toBe(true);
    await expect(argon2.verify(composed, old, WAITING)).resolves.toBe(false);
  });

  it('shows operators how many are at work, and how many wait', async () => {
    const registry = new Registry();
    const argon2 = hasher(1, 10, registry);
    const three = Array.from({ length: 3 }, () => argon2.hash(Password.parse('p'), WAITING));
    const shown = async (): Promise<string[]> =>
      (await registry.metrics()).split('\n').filter((line) => line.startsWith('password_hashes'));
    expect(await shown()).toEqual([
      'password_hashes{state="running"} 1',
      'password_hashes{state="waiting"} 2',
    ]);
    await Promise.all(three);
    expect((await shown()).every((line) => line.endsWith(' 0'))).toBe(true);
  });

  it('hashes with 9 MiB, four passes, one lane, and a salt of its own', async () => {
    const argon2 = hasher(1, 10);
    const [first, second] = await Promise.all([
      argon2.hash(Password.parse('p'), WAITING),
      argon2.hash(Password.parse('p'), WAITING),
    ]);
    expect(first).toMatch(/^\$argon2id\$/);
    expect(first).not.toBe(second);
    expect(needsRehash(first, { memoryCost: 9_216, timeCost: 4, parallelism: 1 })).toBe(false);
  });

  it('tells the whole of a long password from its beginning', async () => {
    const argon2 = hasher(1, 10);
    const stored = await argon2.hash(Password.parse('x'.repeat(1000)), WAITING);
    await expect(argon2.verify(Password.parse('x'.repeat(999)), stored, WAITING)).resolves.toBe(
      false,
    );
  });

  it.each([
    ['one spelling', 'p'],
    ['two spellings', 'и\u0306'],
  ])(
    'says no to %s without a hash with the work of a verification, within a factor of two',
    async (_, text) => {
      const argon2 = hasher(1, 10);
      const password = Password.parse(text);
      const stored = await argon2.hash(Password.parse('right'), WAITING);
      // CPU and not time, which is longer while others use the cores.
      const used = async (digest: string | undefined): Promise<number> => {
        const before = process.cpuUsage();
        await argon2.verify(password, digest, WAITING);
        return process.cpuUsage(before).user;
      };
      await expect(argon2.verify(password, undefined, WAITING)).resolves.toBe(false);
      // In turns: what disturbs one disturbs the other.
      let [without, having] = [Infinity, Infinity];
      for (let i = 0; i < 8; i++) {
        without = Math.min(without, await used(undefined));
        having = Math.min(having, await used(stored));
      }
      const ratio = without / having;
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    },
  );

  it('refuses what neither runs nor may wait, and recovers', async () => {
    const argon2 = hasher(2, 3);
    const password = Password.parse('p');
    const results = await Promise.allSettled(
      Array.from({ length: 7 }, () => argon2.verify(password, undefined, WAITING)),
    );
    const refused = results.filter(
      (each) => each.status === 'rejected' && each.reason instanceof HashingOverloaded,
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(refused).toHaveLength(2);
    await expect(argon2.verify(password, undefined, WAITING)).resolves.toBe(false);
  });

  it('has addresses take turns', async () => {
    const argon2 = hasher(1, 10);
    const password = Password.parse('p');
    const order: string[] = [];
    const verify = async (address: string): Promise<void> => {
      await argon2.verify(password, undefined, { ...WAITING, address });
      order.push(address);
    };
    await Promise.all(['flood', 'flood', 'flood', 'flood', 'home'].map(verify));
    expect(order).toEqual(['flood', 'flood', 'home', 'flood', 'flood']);
  });

  it('does nothing for a caller who has left by the time its turn comes', async () => {
    const argon2 = hasher(1, 10);
    const password = Password.parse('p');
    const leaving = { ...WAITING, isDisconnected: false };
    const first = argon2.verify(password, undefined, WAITING);
    const second = argon2.verify(password, undefined, leaving);
    const third = argon2.hash(password, leaving);
    const fourth = argon2.verify(password, undefined, WAITING);
    leaving.isDisconnected = true;
    await expect(first).resolves.toBe(false);
    await expect(second).rejects.toThrow(ClientDisconnected);
    await expect(third).rejects.toThrow(ClientDisconnected);
    await expect(fourth).resolves.toBe(false);
  });
});
