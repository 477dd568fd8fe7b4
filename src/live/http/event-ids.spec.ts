import { describe, expect, it } from '@jest/globals';
import { AuthSettings } from '../../auth/auth.settings.js';
import { Cursor, Mark } from '../../journal/index.js';
import { EventIds } from './event-ids.js';

const [ANN, BOB] = ['0198c0de-2b1f-7c6e-9f5d-3a8d2c1b0e4f', '0198c0de-2b1f-7c6e-9f5d-3a8d2c1b0e50'];

const ids = (jwtSecret: string, jwtOldSecret?: string): EventIds =>
  new EventIds(
    Object.assign(Object.create(AuthSettings.prototype) as AuthSettings, {
      jwtSecret,
      jwtOldSecret,
    }),
  );

const place = Cursor.from(new Mark('998:1000:998', 4_711n, 0n));

describe(EventIds, () => {
  const portal = ids('the secret of the tokens');

  it('opens what it has sealed, at any portal', () => {
    const id = portal.seal(ANN, place);
    expect(id).toMatch(/^[\w-]{20,200}$/);
    expect(ids('the secret of the tokens').open(ANN, id)?.until).toEqual(place.until);
  });

  it('seals the same place otherwise each time, and says nothing by its length', () => {
    expect(portal.seal(ANN, place)).not.toBe(portal.seal(ANN, place));
    const busy = Cursor.from(new Mark('995:1000:995,998', 4_711n, 0n));
    expect(portal.seal(ANN, busy)).toHaveLength(portal.seal(ANN, place).length);
  });

  it('opens none of another user, and none that was changed', () => {
    const id = portal.seal(ANN, place);
    expect(portal.open(BOB, id)).toBeUndefined();
    const bytes = Buffer.from(id, 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(portal.open(ANN, changed.toString('base64url'))).toBeUndefined();
    }
    for (const none of ['', 'a', '4711', 'é', ' '.repeat(60), 'A'.repeat(9_000)])
      expect(portal.open(ANN, none)).toBeUndefined();
  });

  it('knows those of the secret before, as long as its tokens are good', () => {
    const id = ids('the secret of the time before').seal(ANN, place);
    expect(portal.open(ANN, id)).toBeUndefined();
    const both = ids('the secret of the tokens', 'the secret of the time before');
    expect(both.open(ANN, id)?.until).toEqual(place.until);
  });
});
