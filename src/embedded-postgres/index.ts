export { backUp } from './backup/back-up.js';
export { restore } from './backup/restore.js';
export { EmbeddedPostgresFailed } from './data-area.js';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';
export { visitEmbeddedPostgres } from './visit-embedded-postgres.js';
