import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { ListRequests } from '../platform/http/lists/list-requests.js';
import { SealedPlaces } from '../platform/http/lists/sealed-places.js';
import { Readiness } from '../platform/observability/readiness.js';
import { AccessTokens } from './application/ports.js';
import { Sessions } from './application/sessions.js';
import { AuthSettings } from './auth.settings.js';
import { AuthController } from './http/auth.controller.js';
import { Authentication } from './http/authentication.js';
import { RateLimit } from './http/rate-limit.js';
import { JwtStrategy } from './http/token/jwt.strategy.js';
import { JwtAccessTokens } from './infrastructure/jwt-access-tokens.js';

function listRequests({ jwtSecret, jwtOldSecret }: AuthSettings): ListRequests {
  return new ListRequests(new SealedPlaces('cursors of pages', jwtSecret, jwtOldSecret));
}

/** Tokens and sessions, whose request it is, and the cursors of that user's lists. */
@Global()
@Module({
  controllers: [AuthController],
  providers: [
    JwtStrategy,
    Sessions,
    RateLimit,
    Authentication,
    { provide: AccessTokens, useClass: JwtAccessTokens },
    { provide: ListRequests, inject: [AuthSettings], useFactory: listRequests },
  ],
  exports: [ListRequests, Sessions],
})
export class AuthHttpModule implements OnModuleInit {
  constructor(
    private readonly sessions: Sessions,
    private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness.need('sessions', () => Promise.resolve(this.sessions.obstacle));
  }
}
