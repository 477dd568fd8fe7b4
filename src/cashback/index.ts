export { QueueRunner } from './cli/queue-runner.js';
