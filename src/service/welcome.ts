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
${simulatorUrl === undefined ? '' : firstSteps(base)}
Stop it with Ctrl-C.
`;
}

function placeOf(address: Address | undefined): string {
  return address ? baseUrl(address).replace('http://', '') : 'in this process';
}

/** For every shell, and to be pasted as often as one likes: each time somebody new registers. */
function firstSteps(base: string): string {
  const credentials = `'{"login":"gopher-'$(date +%s)'","password":"correct horse"}'`;
  const number = `$(curl -s ${base}/sandbox/order)`;
  return `
Try it in another terminal:

  curl -s -c cookies -H 'Content-Type: application/json' -d ${credentials} ${base}/api/user/register
  curl -s -b cookies -H 'Content-Type: text/plain' -d ${number} ${base}/api/user/orders
  sleep 2; curl -s -b cookies ${base}/api/user/orders; curl -s -b cookies ${base}/api/user/balance
`;
}
