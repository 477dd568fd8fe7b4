import { Global, Module } from '@nestjs/common';
import {
  AccessTokens,
  KnownUsers,
  LoginAttempts,
  PasswordHasher,
  UserRepository,
} from './application/ports.js';
import { LogIn } from './application/log-in.js';
import { RegisterUser } from './application/register-user.js';
import {
  PasswordCalls,
  RemoteKnownUsers,
  RemoteLogIn,
  RemoteRegisterUser,
} from './grpc/remote-users.js';
import { UsersRpc } from './grpc/users.rpc.js';
import { AuthController } from './http/auth.controller.js';
import { Authentication } from './http/authentication.js';
import { JwtStrategy } from './http/request-token.js';
import { RateLimit } from './http/rate-limit.js';
import { Argon2PasswordHasher } from './infrastructure/argon2-password-hasher.js';
import { BatchedKnownUsers } from './infrastructure/batched-known-users.js';
import { InMemoryLoginAttempts } from './infrastructure/in-memory-login-attempts.js';
import { JwtAccessTokens } from './infrastructure/jwt-access-tokens.js';
import { SqlUserRepository } from './infrastructure/sql-user-repository.js';

/** Who the users are: registration and log-in. */
@Global()
@Module({
  providers: [
    RegisterUser,
    LogIn,
    { provide: UserRepository, useClass: SqlUserRepository },
    { provide: KnownUsers, useClass: BatchedKnownUsers },
    { provide: PasswordHasher, useClass: Argon2PasswordHasher },
    { provide: LoginAttempts, useClass: InMemoryLoginAttempts },
  ],
  exports: [RegisterUser, LogIn, KnownUsers],
})
export class AuthModule {}

/** The same for a portal, of billing in another process. */
@Global()
@Module({
  providers: [
    PasswordCalls,
    { provide: RegisterUser, useClass: RemoteRegisterUser },
    { provide: LogIn, useClass: RemoteLogIn },
    { provide: KnownUsers, useClass: RemoteKnownUsers },
  ],
  exports: [RegisterUser, LogIn, KnownUsers],
})
export class RemoteAuthModule {}

@Module({ providers: [UsersRpc] })
export class AuthRpcModule {}

/** Tokens, and whose request it is. */
@Module({
  controllers: [AuthController],
  providers: [
    JwtStrategy,
    RateLimit,
    Authentication,
    { provide: AccessTokens, useClass: JwtAccessTokens },
  ],
})
export class AuthHttpModule {}
