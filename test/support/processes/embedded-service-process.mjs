/**
 * A service that only has its embedded PostgreSQL: what the tests of the launcher start, stop and
 * kill.
 *
 * Its argument is JSON: { install, folder, settings, uid, gid }. It says one line of JSON for each
 * thing that happens.
 */
import { join } from 'node:path';
import { setInterval } from 'node:timers';

const { install, folder, settings, uid, gid } = JSON.parse(process.argv[2]);
if (uid !== undefined) {
  process.setgroups([]);
  process.setgid(gid);
  process.setuid(uid);
}
const say = (what) => console.log(JSON.stringify(what));
const { startEmbeddedPostgres } = await import(
  join(install, 'dist/src/embedded-postgres/embedded-postgres.js')
);
try {
  const server = await startEmbeddedPostgres({ folder, settings, log: (log) => say({ log }) });
  process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
  setInterval(() => undefined, 60_000);
  say({ uri: server.uri, folder: server.folder });
} catch (error) {
  say({ failed: `${error.name}: ${error.message}` });
  process.exitCode = 1;
}
