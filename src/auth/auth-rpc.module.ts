import { Global, Module } from '@nestjs/common';
import { BillingClient } from '../platform/grpc/rpc-client.js';
import { RpcErrors } from '../platform/grpc/rpc-errors.js';
import { ChangePassword } from './application/change-password.js';
import { LogIn } from './application/log-in.js';
import { LogOutCommits } from './application/log-out.js';
import { KnownUsers, SessionEnds } from './application/ports.js';
import { RegisterUser } from './application/register-user.js';
import { logOutsAt, RemoteSessionEnds } from './grpc/remote-sessions.js';
import {
  PasswordCalls,
  RemoteChangePassword,
  RemoteKnownUsers,
  RemoteLogIn,
  RemoteRegisterUser,
} from './grpc/remote-users.js';
import { UsersRpc } from './grpc/users.rpc.js';

/** What AuthModule is, for a portal, of billing in another process. */
@Global()
@Module({
  providers: [
    PasswordCalls,
    { provide: RegisterUser, useClass: RemoteRegisterUser },
    { provide: LogIn, useClass: RemoteLogIn },
    { provide: ChangePassword, useClass: RemoteChangePassword },
    { provide: LogOutCommits, inject: [BillingClient, RpcErrors], useFactory: logOutsAt },
    { provide: KnownUsers, useClass: RemoteKnownUsers },
    { provide: SessionEnds, useClass: RemoteSessionEnds },
  ],
  exports: [RegisterUser, LogIn, ChangePassword, LogOutCommits, KnownUsers, SessionEnds],
})
export class RemoteAuthModule {}

@Module({ providers: [UsersRpc] })
export class AuthRpcModule {}
