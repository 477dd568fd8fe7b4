export { LIVE_ERRORS } from './http/live.errors.js';
