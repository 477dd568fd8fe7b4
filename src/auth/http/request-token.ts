import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { parseCookie } from 'cookie';
import { Strategy } from 'passport-jwt';
import { AccessTokens, TOKEN_ALGORITHM } from '../application/ports.js';
import { AuthSettings } from '../auth.settings.js';

/** A token needs no decoding, and that of other cookies costs 20 ms for 14 KB of them. */
const AS_SENT = { decode: (value: string): string => value };

/** The cookie that carries the token for browsers. */
export const TOKEN_COOKIE = 'token';

/** What of a request may carry a token, and says whether a browser sends it for a foreign page. */
export interface TokenCarrier {
  readonly headers: {
    readonly authorization?: string | undefined;
    readonly cookie?: string | undefined;
    readonly origin?: string | undefined;
    readonly 'sec-fetch-site'?: string | string[] | undefined;
  };
  /** The host that the client asked, as a trusted proxy says where there is one. */
  readonly host: string;
}

/** `Bearer` in any case and a token of the alphabet that RFC 6750, 2.1 gives it. */
const BEARER = /^Bearer +([\w.~+/-]+=*)$/i;

/**
 * The token of a request. Where there is a header, even a malformed one, the cookie does not count:
 * a request must not act for two users.
 */
export function tokenOf(request: TokenCarrier): string | undefined {
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined) return BEARER.exec(authorization)?.[1];
  if (cookie === undefined || isFromForeignPage(request)) return undefined;
  // Java quotes the values of cookies, and adds $Version, $Path and $Domain as if they were some.
  return parseCookie(cookie, AS_SENT)[TOKEN_COOKIE]?.replace(/^"(.*)"$/, '$1');
}

/**
 * Whether a page of another site has the browser send the request: it would carry our cookie, and
 * its user knows nothing of it. Programs send neither header.
 */
function isFromForeignPage({ headers, host }: TokenCarrier): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  // Of several, Node makes one with commas.
  if (origin?.split(',').some((each) => each.trim() === 'null')) return true;
  if (site === 'same-origin' || site === 'none') return false;
  return origin === undefined ? site !== undefined : !isOrigin(origin, host);
}

/** Whether `origin` is a page of `host`: default ports go without saying in either. */
function isOrigin(origin: string, host: string): boolean {
  const [, scheme] = /^(https?:)\/\/[^/?#@\s]+$/i.exec(origin) ?? [];
  const [page, own] = [origin, `${scheme}//${host}`];
  if (scheme === undefined || !URL.canParse(page) || !URL.canParse(own)) return false;
  return new URL(page).host === new URL(own).host;
}

/** Has passport-jwt verify the signature and the expiry of a token, and remembers it. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(
    settings: AuthSettings,
    private readonly tokens: AccessTokens,
  ) {
    const key = createSecretKey(settings.jwtSecret, 'utf8');
    const old =
      settings.jwtOldSecret === undefined
        ? undefined
        : createSecretKey(settings.jwtOldSecret, 'utf8');
    super({
      jwtFromRequest: (request: TokenCarrier) => tokenOf(request) ?? null,
      secretOrKeyProvider: (_, token: string, done) => {
        if (!hasClaims(token)) return done('a token without claims');
        const signer = old && isSignedBy(old, token) ? old : key;
        // A KeyObject, which the typings do not know: a string is tried as a public key first,
        // which makes a verification 50 times slower.
        done(null, signer as unknown as Buffer);
      },
      algorithms: [TOKEN_ALGORITHM],
      passReqToCallback: true,
    });
  }

  /** Called by passport-jwt with the claims of a verified token. @returns the id of its user. */
  validate(request: TokenCarrier, claims: unknown): string | false {
    return this.tokens.remember(tokenOf(request) ?? '', claims) ?? false;
  }
}

/** Whether the payload is a JSON object: jsonwebtoken throws at null. */
function hasClaims(token: string): boolean {
  try {
    const [, payload = ''] = token.split('.');
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof claims === 'object' && claims !== null;
  } catch {
    return false;
  }
}

/** Tells which key passport-jwt is to verify a token with, which looks at all the rest of it. */
function isSignedBy(key: KeyObject, token: string): boolean {
  const end = token.lastIndexOf('.');
  const expected = createHmac('sha256', key).update(token.slice(0, end)).digest();
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}
