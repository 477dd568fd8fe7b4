export { CustomerRunner } from './cli/customer-runner.js';
