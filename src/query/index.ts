export {
  ParkedByReadModel,
  QueryModule,
  ReadModelAloneModule,
  ReadsFromReadModel,
  RemoteReadsFromReadModel,
} from './query.module.js';
export { QuerySettings } from './query.settings.js';
export { READ_MODEL } from './infrastructure/read-model-database.js';
