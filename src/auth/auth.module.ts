import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  AccessTokens,
  KnownUsers,
  LoginAttempts,
  PasswordHasher,
  UserRepository,
} from './application/ports.js';
import { LogIn } from './application/log-in.js';
import { RegisterUser } from './application/register-user.js';
import { AuthController } from './http/auth.controller.js';
import { JwtStrategy } from './http/jwt.strategy.js';
import { RateLimitGuard } from './http/rate-limit.guard.js';
import { Argon2PasswordHasher } from './infrastructure/argon2-password-hasher.js';
import { BatchedKnownUsers } from './infrastructure/batched-known-users.js';
import { InMemoryLoginAttempts } from './infrastructure/in-memory-login-attempts.js';
import { JwtAccessTokens } from './infrastructure/jwt-access-tokens.js';
import { SqlUserRepository } from './infrastructure/sql-user-repository.js';

/** Who may come in: registration, log-in, and the guards. */
@Module({
  controllers: [AuthController],
  providers: [
    RegisterUser,
    LogIn,
    JwtStrategy,
    { provide: APP_GUARD, useClass: RateLimitGuard },
    { provide: UserRepository, useClass: SqlUserRepository },
    { provide: KnownUsers, useClass: BatchedKnownUsers },
    { provide: PasswordHasher, useClass: Argon2PasswordHasher },
    { provide: AccessTokens, useClass: JwtAccessTokens },
    { provide: LoginAttempts, useClass: InMemoryLoginAttempts },
  ],
  // What JwtAuthGuard and KnownUserFilter need in the modules that use them.
  exports: [AccessTokens, KnownUsers],
})
export class AuthModule {}
