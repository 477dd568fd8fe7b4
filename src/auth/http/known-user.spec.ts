import { describe, expect, it } from '@jest/globals';
import { NotAuthenticated } from '../domain/errors.js';
import { ofKnownUser } from './known-user.js';

describe(ofKnownUser.name, () => {
  it('passes on what was read, nothing too, but not that there is no such user', () => {
    expect(ofKnownUser('[]')).toBe('[]');
    expect(ofKnownUser(null)).toBeNull();
    expect(() => ofKnownUser(undefined)).toThrow(NotAuthenticated);
  });
});
