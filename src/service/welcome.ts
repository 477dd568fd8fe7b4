import { join, relative } from 'node:path';
import type { Role } from '../config/roles.js';
import { type Address, addressWithoutSecrets, baseUrl } from '../kernel/application/address.js';

/** What this process started, for whoever typed the command. */
export interface Started {
  readonly databaseFolder?: string;
  readonly simulatorUrl?: string;
  /** Where they are served; undefined: nowhere. */
  readonly docsUrl: string | undefined;
  readonly metricsUrl: string | undefined;
  /** Where a portal finds what is not in its process. */
  readonly billing?: Address | undefined;
  readonly query?: Address | undefined;
}

/**
 * What to say once the service listens: where everything is, and, where the bundled simulator
 * awards points to whoever tries, what to try first.
 */
export function welcome(
  address: Address,
  roles: readonly Role[],
  accrualAddress: string,
  { databaseFolder, simulatorUrl, docsUrl, metricsUrl, billing, query }: Started,
): string {
  const base = baseUrl(address);
  const accrual =
    simulatorUrl === undefined
      ? addressWithoutSecrets(accrualAddress)
      : `${simulatorUrl} (the bundled simulator: every order number earns points)`;
  const database =
    databaseFolder === undefined
      ? 'as configured'
      : `embedded PostgreSQL, data in ${databaseFolder}`;
  const metrics = metricsUrl === undefined ? 'off' : `${metricsUrl}/metrics`;
  if (!roles.includes('portal'))
    return `
Gophermart is ready: ${roles.join(', ')}.

  metrics   ${metrics}
  database  ${database}

Stop it with Ctrl-C.
`;
  const reads = roles.includes('query') ? undefined : (query ?? billing);
  const places = roles.includes('billing')
    ? `  accrual   ${accrual}\n  database  ${database}`
    : `  billing   ${placeOf(billing)}\n  reads     ${placeOf(reads)}`;
  return `
Gophermart is ready${roles.includes('billing') ? '' : `: ${roles.join(', ')}`}.

  API       ${base}/api/user
  docs      ${docsUrl === undefined ? 'off' : `${docsUrl}/docs`}
  metrics   ${metrics}
${places}
${simulatorUrl === undefined ? '' : firstSteps(base, `${base}/sandbox/order`)}
Stop it with Ctrl-C.
`;
}

function placeOf(address: Address | undefined): string {
  return address ? baseUrl(address).replace('http://', '') : 'in this process';
}

/** A command for a shell, and what it does. */
export interface Step {
  readonly what: string;
  readonly command: string;
}

/**
 * Three commands to try first, for every shell, and to be pasted as often as one likes: each time
 * somebody new registers.
 *
 * @param number is an order number, or a command in `$(…)` that gives one.
 */
export function stepsToTry(base: string, number: string): readonly Step[] {
  const api = `${base}/api/user`;
  const credentials = `'{"login":"gopher-'$(date +%s)'","password":"correct horse"}'`;
  const json = `-H 'Content-Type: application/json' -d ${credentials}`;
  const text = `-H 'Content-Type: text/plain' -d ${number}`;
  return [
    {
      what: 'Register; the reply signs you in',
      command: `curl -s -c cookies ${json} ${api}/register`,
    },
    {
      what: 'Upload the number of a paid order',
      command: `curl -s -b cookies ${text} ${api}/orders`,
    },
    {
      what: 'See what became of it, and the points',
      command: `sleep 2; curl -s -b cookies ${api}/orders; curl -s -b cookies ${api}/balance`,
    },
  ];
}

/** @param numbers is the URL that gives out order numbers. */
export function numberFrom(numbers: string): string {
  return `$(curl -s ${numbers})`;
}

function firstSteps(base: string, numbers: string): string {
  const commands = stepsToTry(base, numberFrom(numbers)).map(({ command }) => `  ${command}`);
  return `\nTry it in another terminal:\n\n${commands.join('\n')}\n`;
}

/** What `npm run roles` has started. */
export interface StartedRoles {
  readonly processes: readonly {
    readonly name: string;
    readonly url: string;
    readonly rpc?: string | undefined;
    readonly pid: number | undefined;
    readonly logFile: string;
  }[];
  /** The URL of the first portal. */
  readonly portal: string;
  /** The URL that gives out order numbers. */
  readonly numbers: string;
  readonly billingPid: number | undefined;
  readonly folder: string;
  /** Where the databases keep their data. */
  readonly books: string;
  readonly reads: string;
  /** Where it is not ours. */
  readonly broker: string | undefined;
}

/** What to say once each role runs as a process of its own. */
export function welcomeToRoles(started: StartedRoles): string {
  const { processes, portal, numbers, billingPid, folder, books, reads, broker } = started;
  const rows = [
    ['process', 'health, metrics', 'gRPC', 'pid', 'log'],
    ...processes.map(({ name, url, rpc = '', pid = '', logFile }) => {
      return [name, url, rpc, `${pid}`, relative(folder, logFile)];
    }),
  ];
  return `
Gophermart is ready, each role in a process of its own.

${aligned(rows)}

  API       ${portal}/api/user
  docs      ${portal}/docs
  logs      ${join(folder, 'logs')}
  books     embedded PostgreSQL, data in ${books}
  reads     embedded PostgreSQL, data in ${reads}
  broker    ${broker ?? `RabbitMQ, data in ${join(folder, 'rabbitmq')}`}
${firstSteps(portal, numbers)}
What is killed is started again after a second, and portals answer 503 as long as they miss it:

  kill -9 ${billingPid}

Operators' commands find the books with DATA_FOLDER=${join(folder, 'books')}
Stop it with Ctrl-C.
`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows
    .map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}
