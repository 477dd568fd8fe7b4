/**
 * `npm run roles -- -a host:port`: prepares the clone, then becomes what starts each role as a
 * process of its own. A stop at any time is no failure.
 */
import { prepare } from './prepare/prepare.mjs';

const stopping = new AbortController();
// Loading the rest takes half a second, and a signal may come meanwhile. From a terminal both npm
// and this process get it, and npm passes its own on: the second one means nothing.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));

await prepare({ exitCodeWhenStopped: 0 });
const { runRoles } = await import('../dist/src/service/roles/run-roles.js');
await runRoles(stopping.signal);
