import { describe, expect, it } from '@jest/globals';
import {
  address,
  httpUrl,
  oneOf,
  orZero,
  secret,
  SettingRefused,
  wholeNumber,
  yesOrNo,
} from './settings.js';

describe(address, () => {
  it('is read as servers take it, and refused in a sentence', () => {
    expect(address(':8080')).toEqual({ host: '::', port: 8080 });
    expect(() => address('8080')).toThrow(SettingRefused);
    expect(() => address('8080')).toThrow('must be host:port (or :port for every interface)');
  });
});

describe(httpUrl, () => {
  it.each([
    ['http://localhost:8081', 'http://localhost:8081'],
    ['http://localhost:8081/', 'http://localhost:8081'],
    ['https://accrual.example/base//', 'https://accrual.example/base'],
    ['localhost:8081', 'http://localhost:8081'],
  ])('reads %s', (text, expected) => {
    expect(httpUrl(text)).toBe(expected);
  });

  it.each(['localhost', 'ftp://localhost', 'http://', 'http://a/?b', 'http://a/#b', 'accrual'])(
    'refuses %s',
    (text) => {
      expect(() => httpUrl(text)).toThrow(SettingRefused);
    },
  );
});

describe('the other settings', () => {
  it.each(['0', '5', '10'])('reads the whole number %s', (text) => {
    expect(wholeNumber(0, 10)(text)).toBe(Number(text));
  });

  it.each(['-1', '11', '1.0', '1e1', '', ' 1', '0x1', 'ten', '9'.repeat(400)])(
    'refuses the whole number %j',
    (text) => {
      expect(() => wholeNumber(0, 10)(text)).toThrow('must be a whole number from 0 to 10');
    },
  );

  it('takes 0 for never', () => {
    const parse = orZero(wholeNumber(1_000, 2_000));
    expect(['0', '1000', '2000'].map(parse)).toEqual([0, 1_000, 2_000]);
    for (const text of ['60', '2001', '-0', '00', ''])
      expect(() => parse(text)).toThrow('from 1000 to 2000');
    expect(() => parse('60')).toThrow('not "60"; or 0 for never');
  });

  it('reads yes and no in the usual ways', () => {
    expect(['true', '1', 'YES', 'on'].map(yesOrNo)).toEqual([true, true, true, true]);
    expect(['false', '0', 'No', 'off'].map(yesOrNo)).toEqual([false, false, false, false]);
    expect(() => yesOrNo('maybe')).toThrow(SettingRefused);
  });

  it('takes one of the choices', () => {
    expect(oneOf('info', 'debug')('debug')).toBe('debug');
    expect(() => oneOf('info', 'debug')('DEBUG')).toThrow('must be one of info, debug');
  });

  it('takes no key that can be guessed, and does not repeat it', () => {
    expect(secret('0123456789abcdef')).toBe('0123456789abcdef');
    expect(secret('ключ ключ')).toBe('ключ ключ');
    expect(() => secret('short')).toThrow(SettingRefused);
    expect(() => secret('short')).not.toThrow(/short"/);
  });
});
