import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { LRUCache } from 'lru-cache';
import { validate as isUuid } from 'uuid';
import { Clock } from '../../kernel/application/ports.js';
import { AccessTokens, TOKEN_ALGORITHM } from '../application/ports.js';
import { AuthSettings, LONGEST_TOKEN_TTL_S } from '../auth.settings.js';
import { CLOCKS_DIFFER_S, type Session, type SignedIn } from '../domain/session.js';

interface Claims {
  /** The user's id. */
  readonly sub: string;
  /** The generation; tokens of earlier versions have none, which is 0. */
  readonly gen?: number;
  /** Tokens of one second differ by it, so that a log-out ends one of them. */
  readonly jti?: string;
  /** In seconds since 1970, like {@link exp}. */
  readonly iat: number;
  readonly exp: number;
}

/** Tokens remembered as verified: about 600 bytes each, so 12 MB at most. */
const REMEMBERED = 20_000;

/** JSON Web Tokens signed with HMAC-SHA-256 (RFC 7519), and no other algorithm. */
@Injectable()
export class JwtAccessTokens extends AccessTokens {
  readonly #jwt: JwtService;
  readonly #verified = new LRUCache<string, Session>({ max: REMEMBERED });

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

  issue({ userId, generation }: SignedIn): string {
    const iat = this.#now();
    const exp = iat + this.settings.tokenTtlSeconds;
    const jti = randomBytes(9).toString('base64url');
    const claims: Claims = { sub: userId, gen: generation, jti, iat, exp };
    return this.#jwt.sign(claims);
  }

  recall(token: string): Session | undefined {
    const remembered = this.#verified.get(token);
    return remembered && remembered.goodUntil > this.#now() ? remembered : undefined;
  }

  /**
   * Which sessions have ended is known for as long as tokens are good for now. So a token that was
   * issued for longer has expired, too, and one of a clock that was ahead is not good yet. Nor is
   * any good for longer than a year, whatever another program has signed.
   */
  remember(token: string, claims: unknown): Session | undefined {
    if (!isOurs(claims)) return undefined;
    const { sub, gen = 0, iat, exp } = claims;
    if (iat > this.#now() + CLOCKS_DIFFER_S) return undefined;
    const expiresAt = Math.min(exp, iat + LONGEST_TOKEN_TTL_S);
    const tokenHash = createHash('sha256').update(token).digest('base64');
    const goodUntil = Math.min(exp, iat + this.settings.tokenTtlSeconds);
    const session = { userId: sub, generation: gen, tokenHash, expiresAt, goodUntil };
    this.#verified.set(token, session);
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
  const { sub, gen = 0, iat, exp } = claims as Partial<Claims>;
  return (
    typeof sub === 'string' &&
    isUuid(sub) &&
    Number.isInteger(gen) &&
    typeof iat === 'number' &&
    typeof exp === 'number'
  );
}
