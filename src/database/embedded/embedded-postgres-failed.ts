/**
 * The embedded PostgreSQL cannot be started; the message says why, with the end of its log, and
 * what may be done about it.
 */
export class EmbeddedPostgresFailed extends Error {
  override readonly name = EmbeddedPostgresFailed.name;
}
