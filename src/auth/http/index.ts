export { Authentication, CurrentSession, CurrentUser } from './authentication.js';
export { KnownUserFilter } from './known-user.filter.js';
export { TOKEN_COOKIE } from './token/request-token.js';
