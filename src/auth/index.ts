export { AuthSettings } from './auth.settings.js';
export { KnownUsers, UserRepository } from './application/ports.js';
export { AuthHttpModule, AuthModule, AuthRpcModule, RemoteAuthModule } from './auth.module.js';
export { UserRegistered } from './domain/user.js';
export { AUTH_ERRORS, ErrUnauthenticated } from './http/auth.api.js';
export { Authentication, CurrentUser } from './http/authentication.js';
export { KnownUserFilter } from './http/known-user.filter.js';
export { TOKEN_COOKIE } from './http/request-token.js';
