import { join } from 'node:path';
import { BUILD } from '../../support/processes/service-process.js';

/** What a command has printed, and the code that it ends with. */
export interface Said {
  readonly code: number;
  readonly lines: readonly string[];
}

/** The database went away: nobody knows whether the command was carried out. */
export class Unanswered extends Error {}

/** Those of the build, where decorators tell what goes into a constructor. */
const dist = (path: string): string => join(BUILD, 'dist/src', path);
type OnServiceDatabase = typeof import('../../../src/service/operator/on-service-database.js');
type Cli = typeof import('../../../src/customers/cli/index.js');
type Customers = typeof import('../../../src/customers/index.js');
type Runner = InstanceType<Customers['CustomerRunner']>;
type PersistenceErrors = typeof import('../../../src/kernel/application/persistence-errors.js');

/**
 * An operator with `npm run customer`, put together as `service/operator/command.ts` does it, but
 * once for all commands: a process for each takes seconds where two cores are busy.
 */
export class Operator {
  private constructor(
    private readonly runner: Runner,
    private readonly customerCommand: Cli['customerCommand'],
    private readonly isAway: (error: unknown) => boolean,
    private readonly end: () => Promise<void>,
  ) {}

  static async start(databaseUri: string): Promise<Operator> {
    const { onServiceDatabase } = (await import(
      dist('service/operator/on-service-database.js')
    )) as OnServiceDatabase;
    const { customerCommand } = (await import(dist('customers/cli/index.js'))) as Cli;
    const { CustomerRunner } = (await import(dist('customers/index.js'))) as Customers;
    const { DatabaseUnavailable } = (await import(
      dist('kernel/application/persistence-errors.js')
    )) as PersistenceErrors;
    const isAway = (error: unknown): boolean => error instanceof DatabaseUnavailable;
    const { signal } = new AbortController();
    return new Promise((resolve, reject) => {
      let leave = (): void => undefined;
      const over = new Promise<void>((left) => (leave = left));
      const released = onServiceDatabase(databaseUri, signal, async (service) => {
        const end = async (): Promise<void> => {
          leave();
          await released;
        };
        const runner = service.get(CustomerRunner, { strict: false });
        resolve(new Operator(runner, customerCommand, isAway, end));
        await over;
        return 0;
      });
      void released.then(() => reject(new Error('the operator’s command cannot be put together')));
    });
  }

  /** @throws Unanswered */
  async run(argv: readonly string[]): Promise<Said> {
    const lines: string[] = [];
    let code = NaN;
    const { signal } = new AbortController();
    try {
      await this.customerCommand(async (work) => {
        code = await work(this.runner, (line) => lines.push(line), signal);
      }).run(argv);
    } catch (error) {
      if (!this.isAway(error)) throw error;
      throw new Unanswered((error as Error).message, { cause: error });
    }
    return { code, lines };
  }

  stop(): Promise<void> {
    return this.end();
  }
}
