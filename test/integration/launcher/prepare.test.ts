import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

interface Scripts {
  readonly whatIsInstalled: (root: string) => string;
  readonly isBuilt: (root: string, whoseBuild: 'ours' | 'anyones') => boolean;
  readonly stamped: (root: string, build: () => void) => Promise<void>;
}

const SCRIPTS = join(import.meta.dirname, '..', '..', '..', 'scripts', 'prepare');
const { whatIsInstalled } = (await import(join(SCRIPTS, 'installed.mjs'))) as Scripts;
const { isBuilt, stamped } = (await import(join(SCRIPTS, 'built.mjs'))) as Scripts;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gophermart-prepare-'));
});

afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

describe('what is installed', () => {
  const nest = { version: '12.0.0', integrity: 'sha512-nest' };
  const jest = { version: '30.0.0', integrity: 'sha512-jest', dev: true };
  const darwin = { version: '1.0.0', integrity: 'sha512-darwin', optional: true };

  beforeEach(() =>
    write('package-lock.json', {
      packages: {
        '': {},
        'node_modules/nest': nest,
        'node_modules/jest': jest,
        'node_modules/darwin': darwin,
      },
    }),
  );

  function installed(packages: Record<string, unknown>): string {
    write('node_modules/.package-lock.json', { packages });
    return whatIsInstalled(root);
  }

  it('is nothing in a fresh clone, and after an install that was cut off', () => {
    expect(whatIsInstalled(root)).toBe('nothing');
    mkdirSync(join(root, 'node_modules/nest'), { recursive: true });
    expect(whatIsInstalled(root)).toBe('nothing');
  });

  it('is everything when only what is optional is missing', () => {
    expect(installed({ 'node_modules/nest': nest, 'node_modules/jest': jest })).toBe('everything');
  });

  it('is enough to run when development dependencies are missing', () => {
    expect(installed({ 'node_modules/nest': nest })).toBe('production');
  });

  it('is nothing when a package is missing, or is another one than the lock says', () => {
    expect(installed({ 'node_modules/jest': jest })).toBe('nothing');
    expect(
      installed({ 'node_modules/nest': { ...nest, version: '11.0.0' }, 'node_modules/jest': jest }),
    ).toBe('nothing');
    expect(
      installed({
        'node_modules/nest': { ...nest, integrity: 'sha512-other' },
        'node_modules/jest': jest,
      }),
    ).toBe('nothing');
  });
});

describe('whether the sources are built', () => {
  beforeEach(() => {
    for (const path of ['package.json', 'package-lock.json', 'tsconfig.json', 'nest-cli.json'])
      write(path, {});
    write('src/main.ts', 'main');
    write('src/auth/login.ts', 'login');
    write('src/auth/login.spec.ts', 'spec');
    write('migrations/1.ts', 'up');
  });

  const build = () => stamped(root, () => write('dist/src/main.js', 'main'));

  it('is so after a build, whatever the times of the files', async () => {
    expect(isBuilt(root, 'ours')).toBe(false);
    await build();
    expect(isBuilt(root, 'ours')).toBe(true);
    utimesSync(join(root, 'src/main.ts'), new Date(), new Date(Date.now() + 60_000));
    expect(isBuilt(root, 'ours')).toBe(true);
  });

  it.each([
    'src/main.ts',
    'src/auth/login.ts',
    'migrations/1.ts',
    'tsconfig.json',
    'nest-cli.json',
    'package.json',
    'package-lock.json',
  ])('is not so when %s has changed, even when it is older', async (path) => {
    await build();
    write(path, 'changed');
    utimesSync(join(root, path), 1, 1);
    expect(isBuilt(root, 'ours')).toBe(false);
    expect(isBuilt(root, 'anyones')).toBe(false);
  });

  it('is not so when a source came or went', async () => {
    await build();
    write('src/new.ts', 'new');
    expect(isBuilt(root, 'ours')).toBe(false);
    await build();
    rmSync(join(root, 'src/new.ts'));
    expect(isBuilt(root, 'ours')).toBe(false);
  });

  it('does not depend on specs', async () => {
    await build();
    write('src/auth/login.spec.ts', 'changed');
    expect(isBuilt(root, 'ours')).toBe(true);
  });

  it('is not so after a build that failed, or during which a source changed', async () => {
    const failing = stamped(root, () => {
      write('dist/src/main.js', 'half');
      throw new Error('does not compile');
    });
    await expect(failing).rejects.toThrow('does not compile');
    expect(isBuilt(root, 'ours')).toBe(false);
    await stamped(root, () => {
      write('dist/src/main.js', 'main');
      write('src/main.ts', 'changed meanwhile');
    });
    expect(isBuilt(root, 'ours')).toBe(false);
  });

  it('takes another’s build only where the compiler is missing, and only a newer one', () => {
    write('dist/src/main.js', 'main');
    expect(isBuilt(root, 'ours')).toBe(false);
    expect(isBuilt(root, 'anyones')).toBe(true);
    utimesSync(join(root, 'dist/src/main.js'), 1, 1);
    expect(isBuilt(root, 'anyones')).toBe(false);
    rmSync(join(root, 'src'), { recursive: true });
    expect(isBuilt(root, 'anyones')).toBe(true);
  });
});

describe('preparing in several processes at once', () => {
  /**
   * Notes when it is at work; `child` is a program that it waits for, and that inherits the claim,
   * as `npm ci` does.
   */
  const WORKER = `
    import { spawn } from 'node:child_process';
    import { once } from 'node:events';
    import { appendFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { exclusively } from ${JSON.stringify(pathToFileURL(join(SCRIPTS, 'step.mjs')))};
    const [root, child] = process.argv.slice(1);
    await exclusively(root + '/claims', new AbortController().signal, async (descriptor) => {
      appendFileSync(root + '/log', 'in ');
      const options = { cwd: root, stdio: ['ignore', 2, 2, descriptor] };
      if (child) await once(spawn('sh', ['-c', child], options), 'close');
      else await sleep(50);
      appendFileSync(root + '/log', 'out ');
    }, () => undefined);
  `;

  function worker(child = ''): ChildProcess {
    return spawn(process.execPath, ['--input-type=module', '-e', WORKER, root, child], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }

  const log = (): string =>
    existsSync(join(root, 'log')) ? readFileSync(join(root, 'log'), 'utf8') : '';

  it('lets one in after another', async () => {
    await Promise.all(Array.from({ length: 4 }, () => once(worker(), 'exit')));
    expect(log()).toBe('in out '.repeat(4));
  });

  it('lets the next one in after a kill -9, but not before the orphaned npm is done', async () => {
    const first = worker('printf "npm " >> log; sleep 0.7; printf "done " >> log');
    while (!log().includes('npm')) await new Promise((resolve) => setTimeout(resolve, 10));
    first.kill('SIGKILL');
    await once(worker(), 'exit');
    expect(log()).toBe('in npm done in out ');
  });
});
