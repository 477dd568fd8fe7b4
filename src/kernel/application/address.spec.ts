import { describe, expect, it } from '@jest/globals';
import { addressWithoutSecrets, baseUrl, parseAddress, percentDecoded } from './address.js';

describe(parseAddress, () => {
  it.each([
    ['localhost:8080', { host: 'localhost', port: 8080 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    [':8080', { host: '::', port: 8080 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
  ])('reads %s', (text, expected) => {
    expect(parseAddress(text)).toEqual(expected);
  });

  it.each([
    '8080',
    'localhost',
    'localhost:',
    'localhost:65536',
    'localhost:-1',
    'localhost:80a',
    '::1:80',
    'a b:80',
    'a:b:1',
    'http://localhost:80',
    '[::1]',
  ])('does not read %s', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe(baseUrl, () => {
  it.each([
    ['localhost', 'http://localhost:80'],
    ['127.0.0.1', 'http://127.0.0.1:80'],
    ['::1', 'http://[::1]:80'],
    ['::', 'http://localhost:80'],
    ['0.0.0.0', 'http://localhost:80'],
  ])('a server on %s is reached at %s', (host, url) => {
    expect(baseUrl({ host, port: 80 })).toBe(url);
  });
});

describe(addressWithoutSecrets, () => {
  it.each([
    ['http://localhost:8081', 'http://localhost:8081'],
    ['https://user:s3cret@accrual.example/base', 'https://accrual.example/base'],
    ['http://s3cret@accrual.example', 'http://accrual.example'],
    ['http://user:p%40s3cret@host/base?token=s3cret#s3cret', 'http://host/base'],
    ['http://user:p@s3cret@host:80', 'http://host:80'],
    ['user:s3cret@host:80', 'host:80'],
    ['postgres://u:s3cret@h:5432/db?sslmode=disable&password=s3cret', 'postgres://h:5432/db'],
    ['postgres://u:s3cret@h1:1,h2,[::1]:3/db', 'postgres://h1:1,h2,[::1]:3/db'],
    ['postgres:///db?host=/run/postgresql&password=s3cret', 'postgres:///db'],
  ])('shows of %s no more than %s', (address, shown) => {
    expect(addressWithoutSecrets(address)).toBe(shown);
  });

  it.each(['localhost', 'localhost:80:80', ':8080x', '8080', 'nowhere'])(
    'shows %s, which is no address, as it is',
    (text) => {
      expect(addressWithoutSecrets(text)).toBe(text);
    },
  );

  it.each([
    'http://user:s3cret',
    'http://user:12/s3cret@host',
    'http://user:12?s3cret@host',
    'http://user:12#s3cret@host',
    'http://user:s3 cret@host',
    'postgres://u:s3cret@h:port/db',
    'postgres://u:s3cret@h/db s3cret',
    'postgres://u@h/db?password=a@s3cret',
    'dbname=x password=s3cret',
  ])('shows nothing of %s', (text) => {
    expect(addressWithoutSecrets(text)).toBe('…');
  });
});

describe(percentDecoded, () => {
  it.each([
    ['p%40ss', 'p@ss'],
    ['%C3%A4', 'ä'],
    ['100%', '100%'],
    ['', ''],
  ])('reads %s', (text, expected) => {
    expect(percentDecoded(text)).toBe(expected);
  });
});
