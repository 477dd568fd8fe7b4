import { describe, expect, it } from '@jest/globals';
import { tokenOf as tokenOfRequest, type TokenCarrier } from './request-token.js';

const tokenOf = (request: Omit<TokenCarrier, 'host'>, host = 'shop.example'): string | undefined =>
  tokenOfRequest({ ...request, host });

describe(tokenOfRequest.name, () => {
  it.each(['Bearer a.b-c_d', 'bearer a.b-c_d', 'BEARER  a.b-c_d'])('takes %j', (authorization) => {
    expect(tokenOf({ headers: { authorization } })).toBe('a.b-c_d');
  });

  it('takes the cookie where there is no header', () => {
    expect(tokenOf({ headers: { cookie: 'theme=dark; token=c' } })).toBe('c');
    expect(tokenOf({ headers: {} })).toBeUndefined();
    expect(tokenOf({ headers: { cookie: 'theme=dark' } })).toBeUndefined();
  });

  it('prefers the header', () => {
    expect(tokenOf({ headers: { authorization: 'Bearer h', cookie: 'token=c' } })).toBe('h');
  });

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'h',
    'Basic aDpo',
    'Bearer a b',
    'Bearer a, Bearer b',
    'Bearerh',
  ])('ignores the cookie beside the malformed header %j', (authorization) => {
    expect(tokenOf({ headers: { authorization, cookie: 'token=c' } })).toBeUndefined();
  });

  it.each([
    ['$Version="1"; token="c"; $Path="/"', 'c'],
    ['$Version="1"; token="c";$Path="/";$Domain="localhost.local"', 'c'],
    ['token="c"; token="d"', 'c'],
    ['token=c; token="d"', 'c'],
    ['Token=x; $token=y; token=c', 'c'],
    ['token="c', '"c'],
    ['token=', ''],
  ])('finds in the cookies %s the token %s', (cookie, token) => {
    expect(tokenOf({ headers: { cookie } })).toBe(token);
  });

  const site = 'sec-fetch-site';
  it.each<[TokenCarrier['headers'], string]>([
    [{}, 'shop.example'],
    [{ [site]: 'same-origin' }, 'shop.example'],
    [{ [site]: 'none' }, 'shop.example'],
    [{ [site]: 'same-origin', origin: 'https://shop.example' }, 'proxied:8080'],
    [{ [site]: 'same-site', origin: 'https://shop.example' }, 'shop.example'],
    [{ origin: 'https://shop.example' }, 'shop.example'],
    [{ origin: 'https://shop.example' }, 'shop.example:443'],
    [{ origin: 'http://shop.example' }, 'SHOP.example:80'],
    [{ origin: 'http://localhost:8080' }, 'localhost:8080'],
    [{ origin: 'http://[::1]:8080' }, '[::1]:8080'],
  ])('takes the cookie of %j at %s', (headers, host) => {
    expect(tokenOf({ headers: { ...headers, cookie: 'token=c' } }, host)).toBe('c');
  });

  it.each<[TokenCarrier['headers'], string]>([
    [{ [site]: 'cross-site' }, 'shop.example'],
    [{ [site]: 'same-site' }, 'shop.example'],
    [{ [site]: 'same-origin, none' }, 'shop.example'],
    [{ [site]: 'cross-site', origin: 'https://evil.example' }, 'shop.example'],
    [{ origin: 'https://evil.example' }, 'shop.example'],
    [{ origin: 'https://shop.example.evil.example' }, 'shop.example'],
    [{ origin: 'https://shop.example:8443' }, 'shop.example'],
    [{ origin: 'https://a.shop.example' }, 'shop.example'],
    [{ origin: 'https://shop.example, https://evil.example' }, 'shop.example'],
    [{ origin: 'https://evil.example@shop.example' }, 'shop.example'],
    [{ origin: 'file://shop.example' }, 'shop.example'],
    [{ origin: '' }, ''],
    [{ origin: 'null' }, 'null'],
    [{ origin: 'null', [site]: 'same-origin' }, 'shop.example'],
    [{ origin: 'null', [site]: 'none' }, 'shop.example'],
    [{ origin: 'null, null', [site]: 'same-origin' }, 'shop.example'],
  ])('does not take the cookie of %j at %s', (headers, host) => {
    expect(tokenOf({ headers: { ...headers, cookie: 'token=c' } }, host)).toBeUndefined();
    const authorization = 'Bearer h';
    expect(tokenOf({ headers: { ...headers, authorization } }, host)).toBe('h');
  });
});
