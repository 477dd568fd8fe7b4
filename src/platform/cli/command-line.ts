import { Command, CommanderError } from 'commander';
import { addressWithoutSecrets } from '../../kernel/application/address.js';

/** Says one line to the operator, on stdout. */
export type Print = (line: string) => void;

/** 0: everything was done. 1: not everything was, or something needs an operator's attention. */
export type ExitCode = 0 | 1;

/**
 * What a command does on the service's database, by the provider that its module has for it.
 *
 * @param stopping is aborted by Ctrl-C: what takes longer than a second should end then.
 * @throws whatever goes wrong: it is said on stderr, and the process exits with 1.
 */
export type Work<Runner> = (
  runner: Runner,
  print: Print,
  stopping: AbortSignal,
) => Promise<ExitCode>;

/** All that is wrong with a command line, a sentence each. */
export class UsageProblems extends Error {
  override readonly name = 'UsageProblems';

  constructor(readonly problems: readonly string[]) {
    super(`the command line is wrong:\n${problems.map((each) => `  - ${each}`).join('\n')}`);
  }
}

/** What stands on a command line. */
export interface Given {
  /** The options that take no value. */
  readonly flags: ReadonlySet<string>;
  /** The text of the others; the default where none is given. `--delay-ms` is `delayMs`. */
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly operands: readonly string[];
  /** What is wrong so far. The command adds what is wrong with its values. */
  readonly problems: string[];
}

/** -10 is none, but a number. */
const OPTION = /^--?[a-z]/i;

/**
 * A command of commander, which by itself stops at the first mistake. This one reads to the end, so
 * that everything that is wrong is named at once, and nothing was done.
 *
 * Options with a value are declared as optional, `--limit [n]`: for commander a value that is
 * missing is a mistake, too.
 */
export class CommandLine extends Command {
  /** What stands behind `--`: operands, whatever they look like. */
  #behind: readonly string[] = [];

  constructor(name?: string) {
    super(name);
    this.allowUnknownOption()
      .allowExcessArguments()
      .helpCommand(false)
      .exitOverride()
      .configureHelp({
        showGlobalOptions: true,
        optionTerm: ({ flags }) => flags.replace(/\[(.+)\]/, '<$1>'),
      });
  }

  override createCommand(name?: string): CommandLine {
    return new CommandLine(name);
  }

  /**
   * Says what the command does.
   *
   * @param read checks what is given.
   * @param act gets what `read` made of it, unless there was a problem.
   */
  does<T>(read: (given: Given) => T, act: (checked: T) => Promise<void>): this {
    return this.action(async () => {
      const given = this.#given();
      const checked = read(given);
      if (given.problems.length > 0) throw new UsageProblems(given.problems);
      await act(checked);
    });
  }

  /**
   * Does what the command line says, or prints the help that it asks for.
   *
   * @param argv without `node` and the script.
   * @throws UsageProblems with everything that is wrong at once.
   */
  async run(argv: readonly string[]): Promise<void> {
    this.#refuseWithoutCommand();
    const all = this.#commandFirst(argv);
    const end = all.indexOf('--');
    if (end >= 0) this.#behind = all.splice(end).slice(1);
    await this.parseAsync(all, { from: 'user' }).catch(unlessHelped);
  }

  /**
   * Reads a command line that is only a part of what is configured.
   *
   * @returns undefined where it asks for the help, which is printed then.
   */
  read(argv: readonly string[]): Given | undefined {
    try {
      this.parse([...argv], { from: 'user' });
    } catch (error) {
      unlessHelped(error);
      return undefined;
    }
    return this.#given();
  }

  /** Of those that have commands, such as `dead list`, one must be given. */
  #refuseWithoutCommand(): void {
    if (this.commands.length === 0) return;
    this.action(() => {
      throw new UsageProblems(this.#given().problems);
    });
    for (const command of this.commands) (command as CommandLine).#refuseWithoutCommand();
  }

  /** Options may stand before the command's name; commander wants them behind it. */
  #commandFirst(argv: readonly string[]): string[] {
    const valued = this.#withCommands()
      .flatMap((command) => command.options.filter((option) => !option.isBoolean()))
      .flatMap(({ short = '', long = '' }) => [short, long]);
    const names = this.commands.map((command) => command.name());
    const isValue = (i: number): boolean => i > 0 && valued.includes(argv[i - 1] ?? '');
    const at = argv.findIndex((each, i) => names.includes(each) && !isValue(i));
    return at < 1 ? [...argv] : [...argv.slice(at, at + 1), ...argv.toSpliced(at, 1)];
  }

  #given(): Given {
    const flags = new Set<string>();
    const values: Record<string, string | undefined> = {};
    const problems: string[] = [];
    const commands = this.#withParents();
    for (const command of commands) {
      for (const option of command.options) {
        const name = option.attributeName();
        const value: unknown = command.getOptionValue(name);
        if (value === true && option.isBoolean()) flags.add(name);
        else if (value === true) {
          problems.push(`${option.long ?? option.short} needs a value`);
          values[name] = option.defaultValue as string | undefined;
        } else values[name] = value as string | undefined;
      }
    }
    const operands = [
      ...this.args.filter((arg) => !OPTION.test(arg)),
      ...commands.flatMap((command) => command.#behind),
    ];
    const shown = operands.map((operand) => addressWithoutSecrets(operand));
    problems.push(...this.#misplacedOptions(), ...this.#misplacedOperands(shown));
    return { flags, values, operands, problems };
  }

  #withCommands(): CommandLine[] {
    return [this, ...this.commands.flatMap((each) => (each as CommandLine).#withCommands())];
  }

  #withParents(): CommandLine[] {
    const parent = this.parent as CommandLine | null;
    return parent ? [this, ...parent.#withParents()] : [this];
  }

  /** What commander cannot place is left among the arguments. */
  #misplacedOptions(): string[] {
    const of = this.parent ? ` of ${this.name()}` : '';
    return this.args
      .filter((arg) => OPTION.test(arg))
      .map((arg) => {
        // It may be a URI whose flag was forgotten.
        const flag = addressWithoutSecrets(arg.split('=')[0] ?? '');
        const isKnown = this.options.some(({ short, long }) => flag === short || flag === long);
        return isKnown ? `${flag} takes no value` : `${flag} is no option${of}`;
      });
  }

  #misplacedOperands(operands: readonly string[]): string[] {
    if (this.commands.length > 0) {
      const known = this.commands.map((command) => command.name()).join(', ');
      const [first] = operands;
      return [
        first === undefined
          ? `a command is missing: ${known}`
          : `"${first}" is no command: ${known}`,
      ];
    }
    if (this.registeredArguments.length > 0) return [];
    const why = this.parent ? `does not go with ${this.name()}` : 'means nothing here';
    return operands.map((operand) => `"${operand}" ${why}`);
  }
}

/** Printing the help is an error of commander's. */
function unlessHelped(error: unknown): void {
  if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
}
