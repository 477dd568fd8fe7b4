export { READ_MODEL } from './infrastructure/read-model-database.js';
