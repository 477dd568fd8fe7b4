import { Injectable } from '@nestjs/common';
import passport from 'passport';
import { AccessTokens } from '../application/access-tokens.js';
import { KnownUsers } from '../application/known-users.js';
import { type TokenCarrier, tokenOf } from './request-token.js';

/** What passport lends the strategy for each request. */
type Verdicts = passport.StrategyCreatedStatic;

/**
 * Passport's way of asking {@link AccessTokens}. Not passport-jwt, which would verify by itself, each time anew, by options of its own:
 * the rate limiter needs to know the user too, and there must be one opinion on what a good token is.
 */
@Injectable()
export class JwtStrategy extends passport.Strategy {
  override readonly name = 'jwt';

  constructor(
    private readonly tokens: AccessTokens,
    private readonly users: KnownUsers,
  ) {
    super();
    passport.use(this);
  }

  /** Passport calls this on an object of its own, made for the request with this one as prototype: no `#private` members here. */
  override authenticate(this: this & Verdicts, request: unknown): void {
    this.identify(request as TokenCarrier).then(
      (userId) => (userId === undefined ? this.fail() : this.success({ userId })),
      (error: unknown) => this.error(error),
    );
  }

  /** The user's id, where the token is good and the user exists now, not only when the token was issued. */
  private async identify(request: TokenCarrier): Promise<string | undefined> {
    const token = tokenOf(request);
    const userId = token === undefined ? undefined : this.tokens.verify(token);
    return userId !== undefined && (await this.users.has(userId)) ? userId : undefined;
  }
}
