export { AuthSettings } from './application/ports/auth-settings.js';
export { AuthModule } from './auth.module.js';
export { UserRegistered } from './domain/user-registered.js';
export { CurrentUser } from './http/current-user.js';
export { JwtAuthGuard } from './http/jwt-auth.guard.js';
export { KnownUserGuard, ofKnownUser } from './http/known-user.guard.js';
export { TOKEN_COOKIE } from './http/request-token.js';
