import { describe, expect, it } from '@jest/globals';
import { baseUrl, parseAddress } from './address.js';

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
