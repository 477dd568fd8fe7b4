export { AuthSettings } from './auth.settings.js';
export { AuthModule } from './auth.module.js';
export { UserRegistered } from './domain/user.js';
export { CurrentUser } from './http/current-user.js';
export { ExpressLane, ExpressLanes } from './http/express-lane.js';
export { JwtAuthGuard } from './http/jwt-auth.guard.js';
export { KnownUserFilter } from './http/known-user.filter.js';
export { TOKEN_COOKIE } from './http/request-token.js';
