import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Login, LoginUnacceptable, Password, PasswordUnacceptable } from './credentials.js';

describe(Login.name, () => {
  it.each(['a', 'Gopher', ' padded ', 'кот', 'a\tb', 'e\u0301', '😀'.repeat(255)])(
    'keeps %j exactly',
    (text) => {
      expect(Login.parse(text).value).toBe(text);
    },
  );

  it.each([
    ['nothing', ''],
    ['white space', ' \t\n\u00a0'],
    ['256 characters', 'a'.repeat(256)],
    ['256 characters of two UTF-16 units', '😀'.repeat(256)],
    ['half a megabyte', 'a'.repeat(500_000)],
    ['NUL', 'a\0b'],
    ['a lone high surrogate', 'a\ud83d'],
    ['a lone low surrogate', '\ude00a'],
  ])('refuses %s', (_, text) => {
    expect(() => Login.parse(text)).toThrow(LoginUnacceptable);
  });
});

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
