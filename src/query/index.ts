export {
  ParkedByReadModel,
  QueryModule,
  ReadModelAloneModule,
  ReadsFromReadModel,
} from './query.module.js';
export { QuerySettings } from './query.settings.js';
export { READ_MODEL } from './infrastructure/read-model-database.js';
