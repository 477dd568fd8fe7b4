import { Module } from '@nestjs/common';
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
import { Authentication } from './http/authentication.js';
import { JwtStrategy } from './http/request-token.js';
import { RateLimit } from './http/rate-limit.js';
import { Argon2PasswordHasher } from './infrastructure/argon2-password-hasher.js';
import { BatchedKnownUsers } from './infrastructure/batched-known-users.js';
import { InMemoryLoginAttempts } from './infrastructure/in-memory-login-attempts.js';
import { JwtAccessTokens } from './infrastructure/jwt-access-tokens.js';
import { SqlUserRepository } from './infrastructure/sql-user-repository.js';

/** Registration, log-in, and whose request it is. */
@Module({
  controllers: [AuthController],
  providers: [
    RegisterUser,
    LogIn,
    JwtStrategy,
    RateLimit,
    Authentication,
    { provide: UserRepository, useClass: SqlUserRepository },
    { provide: KnownUsers, useClass: BatchedKnownUsers },
    { provide: PasswordHasher, useClass: Argon2PasswordHasher },
    { provide: AccessTokens, useClass: JwtAccessTokens },
    { provide: LoginAttempts, useClass: InMemoryLoginAttempts },
  ],
})
export class AuthModule {}
