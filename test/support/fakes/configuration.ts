import { serviceCommandLine } from '../../../src/config/command-line.js';
import { ConfigProblems, readConfig } from '../../../src/config/read-config.js';

/** What a process may be configured by. */
export interface Sources {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly dotenv?: string;
}

/** The configuration that these make. */
export function read({ argv = [], env = {}, dotenv = '' }: Sources = {}): ReturnType<
  typeof readConfig
> {
  const commandLine = serviceCommandLine().read(argv);
  if (!commandLine) throw new Error('only its help was asked for');
  return readConfig({ commandLine, env, dotenv });
}

/** What is wrong with them; nothing where they make a configuration. */
export function problemsOf(sources: Sources): readonly string[] {
  try {
    read(sources);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    return error.problems;
  }
}
