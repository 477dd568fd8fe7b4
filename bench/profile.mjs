import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';

/**
 * Loaded into a service by `--import`: what `node --cpu-prof` does, which Node 20 does not take
 * from NODE_OPTIONS. Written when the process ends, for the performance panel of Chrome's developer
 * tools.
 */
const folder = process.env['BENCH_PROFILE'];
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.start');

process.once('exit', () => {
  session.post('Profiler.stop', (error, stopped) => {
    if (error) return console.error(error);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, `service-${new Date().toISOString()}-${process.pid}.cpuprofile`),
      JSON.stringify(stopped.profile),
    );
  });
});
