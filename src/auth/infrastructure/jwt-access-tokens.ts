import { createSecretKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { LRUCache } from 'lru-cache';
import { validate as isUuid } from 'uuid';
import { Clock } from '../../kernel/application/ports.js';
import { AccessTokens, TOKEN_ALGORITHM } from '../application/ports.js';
import { AuthSettings } from '../auth.settings.js';

interface Claims {
  /** The user's id. */
  readonly sub: string;
  /** In seconds since 1970, like {@link exp}. */
  readonly iat: number;
  readonly exp: number;
}

/** Tokens remembered as verified: about 400 bytes each, so 8 MB at most. */
const REMEMBERED = 20_000;

/** JSON Web Tokens signed with HMAC-SHA-256 (RFC 7519), and no other algorithm. */
@Injectable()
export class JwtAccessTokens extends AccessTokens {
  readonly #jwt: JwtService;
  readonly #verified = new LRUCache<string, Claims>({ max: REMEMBERED });

  constructor(
    private readonly settings: AuthSettings,
    private readonly clock: Clock,
  ) {
    super();
    this.#jwt = new JwtService({
      secret: createSecretKey(settings.jwtSecret, 'utf8'),
      signOptions: { algorithm: TOKEN_ALGORITHM },
    });
  }

  issue(userId: string): string {
    const iat = this.#now();
    const claims: Claims = { sub: userId, iat, exp: iat + this.settings.tokenTtlSeconds };
    return this.#jwt.sign(claims);
  }

  recall(token: string): string | undefined {
    const claims = this.#verified.get(token);
    return claims && claims.exp > this.#now() ? claims.sub : undefined;
  }

  remember(token: string, claims: unknown): string | undefined {
    if (!isOurs(claims)) return undefined;
    this.#verified.set(token, claims);
    return this.recall(token);
  }

  #now(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}

/**
 * Another service may sign with the same key. An id that is not a UUID would fail the statement
 * that a batch of requests shares.
 */
function isOurs(claims: unknown): claims is Claims {
  if (typeof claims !== 'object' || claims === null) return false;
  const { sub, exp } = claims as Partial<Claims>;
  return typeof sub === 'string' && isUuid(sub) && typeof exp === 'number';
}
