/** Says one line to the operator, on stdout. */
export type Print = (line: string) => void;

/** 0: all that was wished for was done. 1: not all of it, or something wants an operator's look. */
export type ExitCode = 0 | 1;

/**
 * What an operator types as `npm run <name> -- …`; it works on the service's database, with the
 * service's configuration.
 */
export interface OperatorCommand<Wish> {
  readonly name: string;
  /** What `--help` prints. */
  readonly help: string;

  /**
   * Reads what the configuration has left of the command line: before the database is looked for,
   * so that a slip of the pen starts nothing.
   *
   * @throws UsageProblems with everything that is wrong at once.
   */
  read(argv: readonly string[]): Wish;

  /** Who does it: a provider of the command's module. */
  readonly runner: abstract new (...dependencies: never[]) => CommandRunner<Wish>;
}

/** Does what an {@link OperatorCommand} has read. */
export interface CommandRunner<Wish> {
  /**
   * @param stopping is aborted by the operator's Ctrl-C: what takes longer than a second should end
   * then.
   * @throws whatever goes wrong: it is said on stderr, and the process exits with 1.
   */
  run(wish: Wish, print: Print, stopping: AbortSignal): Promise<ExitCode>;
}

/** All that is wrong with a command line, a sentence each. */
export class UsageProblems extends Error {
  override readonly name = 'UsageProblems';

  constructor(readonly problems: readonly string[]) {
    super(`the command line is wrong:\n${problems.map((each) => `  - ${each}`).join('\n')}`);
  }
}
