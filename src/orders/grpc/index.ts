export { RemoteOrderQueries } from './remote-orders.js';
