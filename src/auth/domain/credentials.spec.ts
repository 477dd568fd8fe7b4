import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Login, LoginUnacceptable, Password, PasswordUnacceptable } from './credentials.js';

describe(Login.name, () => {
  it.each(['a', 'Gopher', ' padded ', 'кот', 'a\tb', 'é', '😀'.repeat(255)])(
    'keeps %j exactly',
    (text) => {
      expect(Login.parse(text)).toMatchObject({ value: text, typed: text });
    },
  );

  it.each([
    ['и\u0306ё', 'йё'],
    ['е\u0308\u0301', 'ё\u0301'],
    ['\u212b', '\u00c5'],
    // Its length is that of the NFC.
    ['각'.repeat(255).normalize('NFD'), '각'.repeat(255)],
  ])('is %j in NFC, and remembers what was typed', (typed, value) => {
    expect(Login.parse(typed)).toMatchObject({ value, typed });
  });

  it('keeps its spelling where NFC is too long for a login', () => {
    // One character that is two in NFC.
    const [shorter, longer] = ['\u0958'.repeat(127), '\u0958'.repeat(128)];
    expect(Login.parse(shorter).value).toBe('\u0915\u093c'.repeat(127));
    expect(Login.parse(longer)).toMatchObject({ value: longer, typed: longer });
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \t\n\u00a0'],
    ['256 characters', 'a'.repeat(256)],
    ['510 characters that are 256 in NFC', `${'и\u0306'.repeat(255)}й`],
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

  it('is hashed in NFC, and tried as it was typed where that differs', () => {
    const [composed, decomposed] = [Password.parse('пароль-й'), Password.parse('пароль-и\u0306')];
    expect(decomposed.reveal()).toBe('пароль-й');
    expect(decomposed.revealSpellings()).toEqual(['пароль-й', 'пароль-и\u0306']);
    expect(composed.revealSpellings()).toEqual(['пароль-й']);
  });

  it('stays as it was sent with more marks in a row than NFC can order in no time', () => {
    const marks = (count: number): string => `a${'\u0301\u0316'.repeat(15)}`.slice(0, count + 1);
    const many = `${marks(30)}\u0301`;
    expect(Password.parse(many).revealSpellings()).toEqual([many]);
    expect(Password.parse(`${marks(30)}b${marks(30)}`).revealSpellings()).toHaveLength(2);
    expect(Password.parse('a'.repeat(99) + many).reveal()).toBe('a'.repeat(99) + many);
  });

  it('stays as it was sent where NFC would take milliseconds', () => {
    const decomposed = (length: number): string => 'и\u0306'.repeat(length / 2);
    expect(Password.parse(decomposed(16_384)).revealSpellings()).toHaveLength(2);
    expect(Password.parse(decomposed(16_386)).revealSpellings()).toEqual([decomposed(16_386)]);
  });

  it('counts its characters in NFC, and neither bytes nor UTF-16 units', () => {
    for (const text of ['12345678', 'парольйй', 'паролии\u0306й', '😀'.repeat(8)])
      expect(() => Password.parse(text).assertLength(8)).not.toThrow();
    for (const text of ['1234567', 'пароли\u0306', '😀'.repeat(7)])
      expect(() => Password.parse(text).assertLength(8)).toThrow(
        'a new password has at least 8 characters',
      );
  });

  it('does not show itself in logs', () => {
    const password = Password.parse('correct horse');
    expect(`${inspect(password)} ${JSON.stringify(password)}`).not.toContain('horse');
  });
});
