import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt, stamped } from './built.mjs';
import { whatIsInstalled } from './installed.mjs';
import { exclusively, Interrupted, interruptibly, runStep } from './step.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Brings a clone into a state in which it can run: installs what package-lock.json says if
 * something else is installed, builds if the sources are not those that were built. Does nothing,
 * in some 20 ms, if all is in order, and prints nothing then.
 *
 * A failure, and a signal that comes meanwhile, end the process.
 *
 * @param {{ root?: string, forTests?: boolean, exitCodeWhenStopped?: number }} options forTests:
 * development dependencies are needed even where there is a build.
 */
export async function prepare({ root = ROOT, forTests = false, exitCodeWhenStopped } = {}) {
  try {
    if (isReady(root, forTests)) return;
    await interruptibly((interruption) =>
      exclusively(
        join(root, 'data', 'prepare'),
        interruption,
        (descriptor) => install(root, forTests, { cwd: root, interruption, descriptor }),
        (pid) => console.error(`Waiting for process ${pid}, which is preparing the same folder …`),
      ),
    );
  } catch (error) {
    console.error(
      error instanceof Interrupted ? error.message : `Cannot prepare ${root}: ${error.message}`,
    );
    process.exit(error instanceof Interrupted ? (exitCodeWhenStopped ?? error.exitCode) : 1);
  }
}

function isReady(root, forTests) {
  const installed = whatIsInstalled(root);
  if (installed === 'everything') return isBuilt(root, 'ours');
  return installed === 'production' && !forTests && isBuilt(root, 'anyones');
}

/** What another process has done while this one waited is not done again. */
async function install(root, forTests, options) {
  if (isReady(root, forTests)) return;
  if (whatIsInstalled(root) !== 'everything') {
    // With NODE_ENV=production npm would leave the compiler out.
    await runStep(
      'Installing dependencies (a minute or so, the first time)',
      ...npm(['ci', '--include=dev']),
      options,
    );
  }
  if (isBuilt(root, 'ours')) return;
  const nest = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  await stamped(root, () => runStep('Building', process.execPath, [nest, 'build'], options));
}

/** The npm that runs us, if one does, as the programs of the running Node. */
function npm(args) {
  const running = process.env.npm_execpath;
  if (running && basename(running) === 'npm-cli.js' && existsSync(running))
    return [process.execPath, [running, ...args]];
  return ['npm', args];
}
