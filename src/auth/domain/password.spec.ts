import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Password, PasswordUnacceptable } from './password.js';

describe(Password.name, () => {
  it.each(['p', ' ', ' padded ', 'пароль', '😀', 'x'.repeat(10_000)])(
    'keeps %j exactly',
    (text) => {
      expect(Password.parse(text).reveal()).toBe(text);
    },
  );

  it.each([
    ['nothing', ''],
    ['NUL', 'a\0'],
    ['a lone surrogate', 'a\udc00'],
  ])('refuses %s', (_, text) => {
    expect(() => Password.parse(text)).toThrow(PasswordUnacceptable);
  });

  it('does not show itself in logs', () => {
    const password = Password.parse('correct horse');
    expect(`${inspect(password)} ${JSON.stringify(password)}`).not.toContain('horse');
  });
});
