import { describe, expect, it } from '@jest/globals';
import { tokenOf } from './request-token.js';

describe(tokenOf.name, () => {
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
});
