import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from './jest-run.js';
import { type Mutant, seeded } from './mutant.js';
import { SourceCopy } from './source-copy.js';
import { TypeChecker } from './type-checker.js';
import { judge, passes, type TestRun, type Verdict } from './verdict.js';

/** A copy of the source, a compiler and a database, in which bugs may live for a second. */
export class Laboratory {
  #control: TestRun = { end: 'broken down', tests: [] };
  #database: { stop(): Promise<void> } | undefined;

  private constructor(
    private readonly copy: SourceCopy,
    private readonly checker: TypeChecker,
    private readonly stopping: AbortSignal,
  ) {}

  /**
   * Opens one, and runs the tests of all `mutants` without any bug. @throws Error when the source
   * as it is does not compile.
   */
  static async open(mutants: readonly Mutant[], stopping: AbortSignal): Promise<Laboratory> {
    const copy = new SourceCopy(mkdtempSync(join(tmpdir(), 'gophermart-mutants-')));
    const laboratory = new Laboratory(copy, new TypeChecker(copy.root), stopping);
    try {
      await laboratory.prepare(mutants);
      return laboratory;
    } catch (error) {
      await laboratory.close();
      throw error;
    }
  }

  /** Seeds one bug, sees what comes of it, and takes it out again. */
  async try(mutant: Mutant): Promise<Verdict> {
    const files = seeded(mutant, (file) => this.copy.read(file));
    if (!files) return 'stale';
    if (!passes(mutant.killer, this.#control)) return 'control fails';
    return this.copy.with(files, async () => {
      if (this.checker.complaint(files.keys()) !== undefined) return 'does not compile';
      return judge(
        mutant.killer,
        await runTests(this.copy.root, [mutant.killer.file], this.stopping),
      );
    });
  }

  async close(): Promise<void> {
    await this.#database?.stop();
    this.copy.remove();
  }

  private async prepare(mutants: readonly Mutant[]): Promise<void> {
    this.#database = await startDatabase();
    const files = new Set(mutants.map(({ killer }) => killer.file));
    const control = runTests(this.copy.root, [...files], this.stopping);
    // Beside the tests: it takes seconds of one core.
    const complaint = this.checker.complaint();
    this.#control = await control;
    if (complaint !== undefined)
      throw new Error(`the source does not compile as it is: ${complaint}`);
  }
}

/**
 * Jest's own set-up, which leaves TEST_DATABASE_URI in the environment: once for all runs, and not
 * a second for each.
 */
async function startDatabase(): Promise<{ stop(): Promise<void> }> {
  const [start, stop] = await Promise.all(
    ['global-setup', 'global-teardown'].map(async (name) => {
      const module = new URL(`../../support/database/${name}.mjs`, import.meta.url);
      return ((await import(module.href)) as { default: () => Promise<void> }).default;
    }),
  );
  await start?.();
  return { stop: async () => stop?.() };
}
