import { createSecretKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { AccessTokens, TOKEN_ALGORITHM } from '../application/ports.js';
import { AuthSettings } from '../auth.settings.js';
import { type TokenCarrier, tokenOf } from './request-token.js';

/** Who a request comes from, as `request.user`. */
export interface SignedInUser {
  readonly userId: string;
}

/** Has passport-jwt verify a token, and remembers it. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(
    settings: AuthSettings,
    private readonly tokens: AccessTokens,
  ) {
    super({
      jwtFromRequest: (request: TokenCarrier) => tokenOf(request) ?? null,
      // A KeyObject, which the typings do not know: a string is tried as a public key first, 350 µs
      // instead of 7.
      secretOrKey: createSecretKey(settings.jwtSecret, 'utf8') as unknown as Buffer,
      algorithms: [TOKEN_ALGORITHM],
      passReqToCallback: true,
    });
  }

  /** Called by passport-jwt with what a good signature vouches for. */
  validate(request: TokenCarrier, claims: unknown): SignedInUser | false {
    const userId = this.tokens.remember(tokenOf(request) ?? '', claims);
    return userId !== undefined && { userId };
  }
}
