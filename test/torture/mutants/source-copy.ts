import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The clone this file is in. */
const ROOT = join(import.meta.dirname, '../../..');

/** What is not the service, or not worth copying. */
const LEFT_OUT = ['.git', 'node_modules', 'dist', 'data', 'coverage', 'bench', 'docs'];

/**
 * A copy of the clone's sources and tests that may be damaged, with the clone's own node_modules.
 */
export class SourceCopy {
  constructor(readonly root: string) {
    cpSync(ROOT, root, {
      recursive: true,
      filter: (path) => dirname(path) !== ROOT || !LEFT_OUT.includes(basename(path)),
    });
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), 'utf8');
  }

  /** Does `work` with other contents in some files, which then are what they were before. */
  async with<T>(files: ReadonlyMap<string, string>, work: () => Promise<T>): Promise<T> {
    const before = [...files.keys()].map((file) => [file, this.read(file)] as const);
    try {
      for (const [file, text] of files) writeFileSync(join(this.root, file), text);
      return await work();
    } finally {
      for (const [file, text] of before) writeFileSync(join(this.root, file), text);
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
