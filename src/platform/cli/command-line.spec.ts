import { beforeEach, describe, expect, it } from '@jest/globals';
import { CommandLine, type Given, UsageProblems } from './command-line.js';

describe(CommandLine.name, () => {
  let given: Given | undefined;
  let printed: string;

  beforeEach(() => {
    given = undefined;
    printed = '';
  });

  /** A command of its own, and one with two commands. */
  const single = (): CommandLine =>
    new CommandLine('count')
      .option('-f, --from-there [n]', 'where to begin', '1')
      .option('-v, --verbose', 'say more')
      .does(
        (what) => what,
        async (what) => void (given = await Promise.resolve(what)),
      )
      .configureOutput({ writeOut: (text) => (printed += text) });

  const double = (): CommandLine => {
    const program = new CommandLine('books').option('-d [uri]', 'the database');
    for (const name of ['add', 'show'])
      program
        .command(name)
        .argument('[number...]')
        .option('--json', 'for programs')
        .does(
          (what) => what,
          async (what) => void (given = await Promise.resolve(what)),
        );
    program
      .command('close')
      .option('--all', 'all')
      .does(
        () => undefined,
        () => Promise.resolve(),
      );
    return program;
  };

  const problemsOf = async (command: CommandLine, line: string): Promise<readonly string[]> => {
    const error: unknown = await command
      .run(line.split(' ').filter(Boolean))
      .catch((thrown: unknown) => thrown);
    expect(given).toBeUndefined();
    return error instanceof UsageProblems ? error.problems : [String(error)];
  };

  it.each([
    ['', '1', []],
    ['--from-there 5 --verbose', '5', ['verbose']],
    ['-v -f 5', '5', ['verbose']],
    ['-vf5', '5', ['verbose']],
    ['--from-there=-5', '-5', []],
    ['-f -5', '-5', []],
  ])('reads options, however they are written: %j', async (line, from, flags) => {
    await single().run(line.split(' ').filter(Boolean));
    expect(given?.values['fromThere']).toBe(from);
    expect([...(given?.flags ?? [])]).toEqual(flags);
  });

  it.each([
    'add 1 2 -10 --json -d x',
    '-d x add --json 1 2 -10',
    '--json -d x add 1 2 -10',
    'add --json -d=x -- 1 2 -10',
  ])('takes options before and after the command, and numbers below zero: %j', async (line) => {
    await double().run(line.split(' '));
    expect(given?.operands).toEqual(['1', '2', '-10']);
    expect([...(given?.flags ?? [])]).toEqual(['json']);
    expect(given?.values['d']).toMatch(/^=?x$/);
  });

  it('names everything that is wrong at once, and does nothing', async () => {
    await expect(
      problemsOf(single(), '--verbose=yes --fast -x stray --slow=1 -f'),
    ).resolves.toEqual([
      '--from-there needs a value',
      '--verbose takes no value',
      '--fast is no option',
      '-x is no option',
      '--slow is no option',
      '"stray" means nothing here',
    ]);
    await expect(problemsOf(double(), 'close 5 --json --all=1 -d')).resolves.toEqual([
      '-d needs a value',
      '--json is no option of close',
      '--all takes no value',
      '"5" does not go with close',
    ]);
  });

  it('does not take an option for the value of the one before', async () => {
    await expect(problemsOf(single(), '-f --verbose')).resolves.toEqual([
      '--from-there needs a value',
    ]);
  });

  it.each([
    ['', ['a command is missing: add, show, close']],
    ['ad', ['"ad" is no command: add, show, close']],
    ['toString', ['"toString" is no command: add, show, close']],
    ['help', ['"help" is no command: add, show, close']],
    ['--fast ad', ['--fast is no option', '"ad" is no command: add, show, close']],
  ])('says which commands there are: %j', async (line, problems) => {
    await expect(problemsOf(double(), line)).resolves.toEqual(problems);
  });

  it.each([
    ['-d add show 7', 'show 7'],
    ['-d show show 7', 'show 7'],
    ['show -d add 7', 'show 7'],
    ['show add', 'show add'],
    ['-d x show add', 'show add'],
    ['add show -d show', 'add show'],
  ])(
    'takes neither an operand nor the value of an option for a command: %j',
    async (line, does) => {
      let did = '';
      const program = new CommandLine('books').option('-d [uri]', 'the database');
      for (const name of ['add', 'show'])
        program
          .command(name)
          .argument('[number...]')
          .does(
            (what) => what,
            (what) => Promise.resolve(void (did = `${name} ${what.operands.join()}`)),
          );
      await program.run(line.split(' '));
      expect(did).toBe(does);
    },
  );

  it.each(['--help', '-h --nonsense', 'stray --help', '-f 5 -h'])(
    'only prints its help when asked for it: %j',
    async (line) => {
      await single().run(line.split(' '));
      expect(given).toBeUndefined();
      expect(printed).toMatch(/-f, --from-there <n> +where to begin \(default: "1"\)/);
    },
  );
});
