export { RemoteAccountQueries } from './remote-account.js';
