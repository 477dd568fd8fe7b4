import { Global, Module } from '@nestjs/common';
import {
  KnownUsers,
  LoginAttempts,
  PasswordHasher,
  SessionEnding,
  SessionEnds,
  UserAccess,
  UserRepository,
} from './application/ports.js';
import { ChangePassword } from './application/change-password.js';
import { LogIn } from './application/log-in.js';
import { LogOut, LogOutCommits } from './application/log-out.js';
import { BlockUser, UnblockUser } from './application/operators/block-user.js';
import {
  EndAllSessions,
  EndSessions,
  ResetPassword,
} from './application/operators/end-sessions.js';
import { ForgetUser } from './application/operators/forget-user.js';
import { RegisterUser } from './application/register-user.js';
import { Argon2PasswordHasher } from './infrastructure/argon2-password-hasher.js';
import { BatchedKnownUsers } from './infrastructure/batched-known-users.js';
import { InMemoryLoginAttempts } from './infrastructure/in-memory-login-attempts.js';
import { SqlSessionEnding, SqlSessionEnds } from './infrastructure/sql-session-ends.js';
import { SqlUserAccess, SqlUserRepository } from './infrastructure/sql-user-repository.js';

const OPERATORS = [BlockUser, UnblockUser, EndSessions, EndAllSessions, ResetPassword, ForgetUser];

/** Who the users are: registration and log-in, and what ends sessions. */
@Global()
@Module({
  providers: [
    RegisterUser,
    LogIn,
    ChangePassword,
    LogOut,
    LogOutCommits,
    ...OPERATORS,
    { provide: UserAccess, useClass: SqlUserAccess },
    { provide: SessionEnds, useClass: SqlSessionEnds },
    { provide: SessionEnding, useClass: SqlSessionEnding },
    { provide: UserRepository, useClass: SqlUserRepository },
    { provide: KnownUsers, useClass: BatchedKnownUsers },
    { provide: PasswordHasher, useClass: Argon2PasswordHasher },
    { provide: LoginAttempts, useClass: InMemoryLoginAttempts },
  ],
  exports: [
    RegisterUser,
    LogIn,
    ChangePassword,
    LogOutCommits,
    ...OPERATORS,
    KnownUsers,
    SessionEnds,
    UserRepository,
  ],
})
export class AuthModule {}
