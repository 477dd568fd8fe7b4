import { createSecretKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { AccessTokens, TOKEN_ALGORITHM } from '../application/ports.js';
import { AuthSettings } from '../auth.settings.js';
import { type TokenCarrier, tokenOf } from './request-token.js';

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
