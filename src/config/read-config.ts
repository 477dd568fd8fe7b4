import { existsSync, readFileSync } from 'node:fs';
import { parseArgs, parseEnv } from 'node:util';
import { SettingRefused, type Setting } from './setting.js';
import { type Config, SETTINGS } from './settings.js';

export interface ConfigSources {
  /** The command line without `node` and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The content of `.env`, if there is one. */
  readonly dotenv?: string;
}

/** All that is wrong with the configuration, a sentence each. */
export class ConfigProblems extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the configuration is wrong:\n${problems.map((each) => `  - ${each}`).join('\n')}`);
  }
}

/** The sources of this process: its command line, its environment, and `.env` in its folder. */
export function processSources(): ConfigSources {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    ...(existsSync('.env') && { dotenv: readFileSync('.env', 'utf8') }),
  };
}

/**
 * A flag beats a variable, a variable beats `.env`, that beats the default. An empty variable
 * counts as absent: that is how compose files pass what is not set.
 *
 * @throws ConfigProblems with everything that is wrong at once.
 */
export function readConfig({ argv, env, dotenv = '' }: ConfigSources): Config {
  const problems: string[] = [];
  const flags = readFlags(argv, problems);
  const file = parseEnv(dotenv);
  const config = Object.fromEntries(
    Object.entries<Setting<unknown>>(SETTINGS).map(([name, setting]) => {
      const candidates = [
        setting.flag && flags[setting.flag] !== undefined
          ? { from: `flag -${setting.flag}`, text: flags[setting.flag] }
          : undefined,
        { from: setting.variable, text: env[setting.variable] },
        { from: `${setting.variable} in .env`, text: file[setting.variable] },
      ];
      const found = candidates.find((each) => each?.text !== undefined && each.text !== '');
      if (found?.text === undefined) return [name, setting.fallback];
      return [name, attempt(() => setting.parse(found.text as string), found.from, problems)];
    }),
  ) as Config;
  problems.push(...contradictions(config, problems));
  if (problems.length > 0) throw new ConfigProblems(problems);
  return config;
}

/**
 * What each setting alone cannot see; a setting that was refused is undefined here and contradicts
 * nothing.
 */
function contradictions(config: Config, refused: readonly string[]): string[] {
  const problems: string[] = [];
  const lacksSecret =
    config.jwtSecret === undefined && !refused.some((problem) => problem.startsWith('JWT_SECRET'));
  if (config.environment === 'production' && lacksSecret) {
    problems.push(
      'JWT_SECRET must be set when NODE_ENV=production: replicas must accept each other’s tokens',
    );
  }
  if (config.cashbackLeaseMs < 2 * config.cashbackTimeoutMs) {
    problems.push(
      'CASHBACK_LEASE_MS must be at least twice CASHBACK_TIMEOUT_MS: a lease must outlive the question and its settling',
    );
  }
  if (config.cashbackSpacingMaxMs < config.cashbackSpacingMinMs) {
    problems.push('CASHBACK_SPACING_MAX_MS must not be below CASHBACK_SPACING_MIN_MS');
  }
  return problems;
}

function readFlags(
  argv: readonly string[],
  problems: string[],
): Record<string, string | undefined> {
  const known = Object.values<Setting<unknown>>(SETTINGS).flatMap(({ flag }) => flag ?? []);
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: Object.fromEntries(
        known.map((flag) => [flag, { type: 'string' as const, short: flag }]),
      ),
      strict: true,
    });
    // Go's flag package, which clients of the original are used to, also takes `-a=value`.
    return Object.fromEntries(
      Object.entries(values).map(([flag, value]) => [flag, value?.replace(/^=/, '')]),
    );
  } catch (error) {
    problems.push(
      `the command line: ${(error as Error).message} (known: ${known.map((flag) => `-${flag}`).join(', ')})`,
    );
    return {};
  }
}

function attempt<T>(parse: () => T, from: string, problems: string[]): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SettingRefused)) throw error;
    problems.push(`${from} ${error.message}`);
    return undefined;
  }
}
