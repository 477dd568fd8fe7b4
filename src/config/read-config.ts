import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Given } from '../platform/cli/command-line.js';
import {
  Setting,
  SettingRefused,
  type SettingsClass,
  type SettingTable,
} from '../platform/settings.js';
import { ProcessSettings } from './process.settings.js';
import { type Config, rolesOf, SETTINGS, usedOfRpc } from './settings.js';

export interface ConfigSources {
  /** The values of the flags, and what is wrong with the command line. */
  readonly commandLine?: Pick<Given, 'values' | 'problems'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The content of `.env`, if there is one. */
  readonly dotenv?: string;
  /** Variables that count as absent. */
  readonly without?: readonly string[];
}

/** All that is wrong with the configuration, a sentence each. */
export class ConfigProblems extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the configuration is wrong:\n${problems.map((each) => `  - ${each}`).join('\n')}`);
  }
}

/** Those of this process besides its command line: its environment, and `.env` in its folder. */
export function processSources(): ConfigSources {
  return {
    env: process.env,
    ...(existsSync('.env') && { dotenv: readFileSync('.env', 'utf8') }),
  };
}

/**
 * Where these are absent the service starts a database and an accrual system of its own. In
 * production an empty one is a mistake of the deployment, and what it starts would take customers
 * whose data the next start does not know.
 */
const NEVER_EMPTY_IN_PRODUCTION = ['DATABASE_URI', 'ACCRUAL_SYSTEM_ADDRESS'];

/**
 * A flag beats a variable, a variable beats `.env`, that beats the default. An empty variable
 * counts as absent: that is how compose files pass what is not set. White space alone is empty.
 *
 * @throws ConfigProblems with everything that is wrong at once.
 */
export function readConfig({ commandLine, env, dotenv = '', without = [] }: ConfigSources): Config {
  const problems = (commandLine?.problems ?? []).map(
    (each) => `the command line: ${each} (--help says what it takes)`,
  );
  const refused = new Set<string>();
  const file = parseEnv(dotenv);

  const read = ({ variable, parse, fallback, options }: Setting<unknown, unknown>): unknown => {
    if (without.includes(variable)) return fallback;
    const { flag, olderName, fromFile = false } = options;
    const given = flag === undefined ? undefined : commandLine?.values[flag];
    const candidates: Candidate[] = [
      // Go's flag package, which clients of the original are used to, also takes `-a=value`.
      { from: `flag -${flag}`, text: given?.replace(/^=/, '') },
      ...[variable, olderName ?? []]
        .flat()
        .flatMap((name) => [
          ...candidatesIn(env, name, '', fromFile),
          ...candidatesIn(file, name, ' in .env', fromFile),
        ]),
    ];
    const first = candidates.find(({ text }) => text !== undefined);
    if (first && isBlank(first.text) && mayNotBeEmpty(variable) && isProduction()) {
      problems.push(`${first.from} must not be empty when NODE_ENV=production`);
      refused.add(variable);
      return undefined;
    }
    const found = candidates.find(({ text }) => !isBlank(text));
    if (found?.text === undefined) return fallback;
    try {
      return parse(found.isPath ? contentOf(found, candidates) : found.text);
    } catch (error) {
      if (!(error instanceof SettingRefused)) throw error;
      problems.push(`${found.from} ${error.message}`);
      refused.add(variable);
      return undefined;
    }
  };
  const isProduction = (): boolean => read(ProcessSettings.table.environment) === 'production';
  const readAll = (table: SettingTable): object =>
    Object.fromEntries(
      Object.entries(table).map(([name, each]) => [
        name,
        each instanceof Setting ? read(each) : readAll(each),
      ]),
    );

  const config = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, { table }]) => [name, readAll(table)]),
  ) as Config;
  problems.push(...lacking(config, refused), ...contradictionsIn(config, refused));
  if (problems.length > 0) throw new ConfigProblems(problems);
  return config;
}

/** A place where a setting may be found. */
interface Candidate {
  /** What to call it. */
  readonly from: string;
  readonly text: string | undefined;
  /** The text is the path of a file that holds the value. */
  readonly isPath?: boolean;
  /** What must be empty beside it. */
  readonly excludes?: string;
}

/** The variable of this name in one source, before it the one that names a file. */
function candidatesIn(
  source: Readonly<Record<string, string | undefined>>,
  name: string,
  where: string,
  fromFile: boolean,
): Candidate[] {
  const [from, path] = [`${name}${where}`, source[`${name}_FILE`]];
  const own = { from, text: source[name] };
  return fromFile && !isBlank(path)
    ? [{ from: `${name}_FILE${where}`, text: path, isPath: true, excludes: from }, own]
    : [own];
}

/** What stands in the file, without one newline at its end. @throws SettingRefused */
function contentOf({ text: path = '', excludes }: Candidate, all: readonly Candidate[]): string {
  const rival = all.find(({ from, text }) => from === excludes && !isBlank(text));
  if (rival) throw new SettingRefused(`and ${rival.from} are both set: one of them must go`);
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingRefused(`names a file that cannot be read: ${path} (${code})`);
  }
  if (isBlank(content)) throw new SettingRefused(`names a file that is empty: ${path}`);
  return content.replace(/\r?\n$/, '');
}

function isBlank(text = ''): boolean {
  return text.trim() === '';
}

function mayNotBeEmpty(variable: string): boolean {
  return NEVER_EMPTY_IN_PRODUCTION.includes(variable);
}

function contradictionsIn(config: Config, refused: ReadonlySet<string>): string[] {
  const judged = { ...config, rpc: usedOfRpc(config) };
  return Object.entries(SETTINGS).flatMap(([name, module]) => {
    const seeing: Pick<SettingsClass<unknown>, 'contradictions'> = module;
    return seeing.contradictions(judged[name as keyof Config], refused);
  });
}

/** What a role cannot do without, and no module sees by itself. */
function lacking(config: Config, refused: ReadonlySet<string>): string[] {
  const { amqp, auth, process, query, rpc } = config;
  const problems: string[] = [];
  if (refused.has('ROLES')) return problems;
  if (!refused.has('CASHBACK_ENABLED') && rolesOf(config).length === 0)
    problems.push('ROLES leaves nothing to do: CASHBACK_ENABLED=false takes accrual away');
  if (process.roles.includes('query')) {
    if (amqp.uri === undefined && !refused.has('AMQP'))
      problems.push('AMQP must be set for the role query: its events come from the broker');
    if (query.databaseUri === undefined && !refused.has('QUERY_DATABASE_URI'))
      problems.push('QUERY_DATABASE_URI must be set for the role query');
  }
  if (!process.roles.includes('portal')) return problems;
  if (!process.roles.includes('billing') && !rpc.billing && !refused.has('BILLING_ADDRESS'))
    problems.push('BILLING_ADDRESS must be set for a portal without billing in its process');
  const lacksSecret = auth.jwtSecret === undefined && !refused.has('JWT_SECRET');
  if (process.environment === 'production' && lacksSecret)
    problems.push(
      'JWT_SECRET must be set when NODE_ENV=production: replicas must accept each other’s tokens',
    );
  return problems;
}
