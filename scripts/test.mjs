/** `npm test [-- jest's arguments]`: prepares the clone, then runs jest; its exit code is ours. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HAS_BROKER, HAS_CHROMIUM } from '../jest.config.mjs';
import { prepare } from './prepare/prepare.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

await prepare({ forTests: true });
// On stderr: stdout belongs to jest (`npm test -- --json`).
if (process.argv.length === 2) console.error('All tests take about half an hour on two cores.');
if (!HAS_BROKER)
  console.error('Not tried: publishing to RabbitMQ, for it is not installed (rabbitmq-server).');
if (!HAS_CHROMIUM)
  console.error('Not tried: the pages in a browser, for it is not installed (chromium).');
// Nest 12 is ESM only, and jest runs ESM in Node's vm modules, which are still behind a flag and
// warn.
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const jest = spawn(
  process.execPath,
  [...flags, join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), ...process.argv.slice(2)],
  {
    cwd: ROOT,
    stdio: 'inherit',
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => jest.kill(signal));
jest.once('error', (error) => {
  console.error(error);
  process.exit(1);
});
jest.once('close', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
