import { randomBytes } from 'node:crypto';
import { type ConfigSources, readConfig } from '../../config/read-config.js';
import type { Config } from '../../config/settings.js';

/**
 * The configuration of the service, for a command beside it: no token is signed, so a key that
 * lasts as long as the process will do, whatever NODE_ENV demands.
 *
 * @throws ConfigProblems with everything that is wrong at once.
 */
export function readOperatorConfig(sources: ConfigSources): Config {
  const env = { ...sources.env, JWT_SECRET: randomBytes(32).toString('hex') };
  return readConfig({ ...sources, env });
}

/** What of a command line is for the configuration, and what is for the command. */
export interface CommandLine {
  readonly configuration: readonly string[];
  readonly command: readonly string[];
}

/**
 * `-d` may stand anywhere. The service's other flags say where it listens and whom it asks: a
 * command does neither, and does not take them.
 */
export function splitCommandLine(argv: readonly string[]): CommandLine {
  const configuration: string[] = [];
  const command: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const each = argv[i] ?? '';
    if (each === '--') {
      command.push(...argv.slice(i));
      break;
    }
    if (each === '-d') configuration.push(...argv.slice(i, ++i + 1));
    else (each.startsWith('-d') ? configuration : command).push(each);
  }
  return { configuration, command };
}
