import { parseCookie } from 'cookie';

/** The cookie that carries the token for browsers. */
export const TOKEN_COOKIE = 'token';

/** What of a request may carry a token. */
export interface TokenCarrier {
  readonly headers: {
    readonly authorization?: string | undefined;
    readonly cookie?: string | undefined;
  };
}

/** `Bearer` in any case and a token of the alphabet that RFC 6750, 2.1 gives it. */
const BEARER = /^Bearer +([\w.~+/-]+=*)$/i;

/**
 * The token of a request. Where there is a header, even a malformed one, the cookie does not count:
 * a request must not act for two users.
 */
export function tokenOf({ headers: { authorization, cookie } }: TokenCarrier): string | undefined {
  if (authorization !== undefined) return BEARER.exec(authorization)?.[1];
  return cookie === undefined ? undefined : parseCookie(cookie)[TOKEN_COOKIE];
}
