import { createSecretKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { parseCookie } from 'cookie';
import { Strategy } from 'passport-jwt';
import { AccessTokens, TOKEN_ALGORITHM } from '../application/ports.js';
import { AuthSettings } from '../auth.settings.js';

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

/** Has passport-jwt verify the signature and the expiry of a token, and remembers it. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(
    settings: AuthSettings,
    private readonly tokens: AccessTokens,
  ) {
    super({
      jwtFromRequest: (request: TokenCarrier) => tokenOf(request) ?? null,
      // A KeyObject, which the typings do not know: a string is tried as a public key first, which
      // makes a verification 50 times slower.
      secretOrKey: createSecretKey(settings.jwtSecret, 'utf8') as unknown as Buffer,
      algorithms: [TOKEN_ALGORITHM],
      passReqToCallback: true,
    });
  }

  /** Called by passport-jwt with the claims of a verified token. @returns the id of its user. */
  validate(request: TokenCarrier, claims: unknown): string | false {
    return this.tokens.remember(tokenOf(request) ?? '', claims) ?? false;
  }
}
