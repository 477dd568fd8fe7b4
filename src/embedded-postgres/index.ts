export { EmbeddedPostgresFailed } from './data-area.js';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';
export { visitEmbeddedPostgres } from './visit-embedded-postgres.js';
