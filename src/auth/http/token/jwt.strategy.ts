import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { AccessTokens, TOKEN_ALGORITHM } from '../../application/ports.js';
import { AuthSettings } from '../../auth.settings.js';
import type { Session } from '../../domain/session.js';
import { type TokenCarrier, tokenOf } from './request-token.js';

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

  /** Called by passport-jwt with the claims of a verified token. @returns what it says. */
  validate(request: TokenCarrier, claims: unknown): Session | false {
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
