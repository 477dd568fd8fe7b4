export { BlockUser, UnblockUser } from './application/operators/block-user.js';
export {
  type AlongWith,
  EndAllSessions,
  EndSessions,
  ResetPassword,
} from './application/operators/end-sessions.js';
export { ForgetUser } from './application/operators/forget-user.js';
export { KnownUsers, UserRepository } from './application/ports.js';
export { Sessions } from './application/sessions.js';
export { Login } from './domain/credentials.js';
export { UnknownUser } from './domain/errors.js';
export type { Session } from './domain/session.js';
export { SpendingBlocked, SpendingUnblocked, UserRegistered } from './domain/user.js';
export { AUTH_ERRORS, ErrUnauthenticated } from './http/auth.errors.js';
