/** The cookie that carries the token for browsers. */
export const TOKEN_COOKIE = 'token';

/** What of a request may carry a token. */
export interface TokenCarrier {
  readonly headers: { readonly authorization?: string | undefined };
  readonly cookies: Readonly<Record<string, string | undefined>>;
}

/** `Bearer` in any case and a token of the alphabet that RFC 6750, 2.1 gives it. */
const BEARER = /^Bearer +([\w.~+/-]+=*)$/i;

/** The token a request shows. Where there is a header, even a malformed one, the cookie does not count: nobody is to act as two people. */
export function tokenOf({ headers, cookies }: TokenCarrier): string | undefined {
  if (headers.authorization === undefined) return cookies[TOKEN_COOKIE];
  return BEARER.exec(headers.authorization)?.[1];
}
