import { createHmac } from 'node:crypto';

/** The key that tokens are signed with. */
export const JWT_SECRET = 'a secret for tests, long enough';

interface Forgery {
  readonly header?: object;
  readonly key?: string;
  readonly hash?: 'sha256' | 'sha384' | 'sha512';
}

const DAY_S = 86_400;

/**
 * A JSON Web Token made by hand (RFC 7515, 7519); with nothing but claims, as the service itself
 * would make it.
 */
export function forgeToken(
  claims: object,
  { header = { alg: 'HS256', typ: 'JWT' }, key, hash = 'sha256' }: Forgery = {},
): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac(hash, key ?? JWT_SECRET)
    .update(signed)
    .digest('base64url')}`;
}

/** The claims of a token that is good for a day, as of now. */
export function claimsOf(userId: string): { sub: string; iat: number; exp: number } {
  const iat = Math.floor(Date.now() / 1000);
  return { sub: userId, iat, exp: iat + DAY_S };
}

/** The claims inside `token`, whoever signed it. */
export function readClaims(token: string): { sub: string; iat: number; exp: number } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as ReturnType<
    typeof claimsOf
  >;
}

export function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
