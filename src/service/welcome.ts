import { type Address, addressWithoutSecrets, baseUrl } from '../kernel/application/address.js';

/** What this process started, for whoever typed the command. */
export interface Started {
  readonly databaseFolder?: string;
  readonly simulatorUrl?: string;
  /** Where they are served; undefined: nowhere. */
  readonly docsUrl: string | undefined;
  readonly metricsUrl: string | undefined;
}

/**
 * What to say once the service listens: where everything is, and what to try first; the commands
 * work as pasted.
 */
export function welcome(
  address: Address,
  accrualAddress: string,
  { databaseFolder, simulatorUrl, docsUrl, metricsUrl }: Started,
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
  const credentials = `'{"login":"gopher-'$RANDOM'","password":"secret"}'`;
  const number =
    simulatorUrl === undefined ? '12345678903' : `$(curl -s ${simulatorUrl}/api/order)`;
  return `
Gophermart is ready.

  API       ${base}/api/user
  docs      ${docsUrl === undefined ? 'off' : `${docsUrl}/docs`}
  metrics   ${metricsUrl === undefined ? 'off' : `${metricsUrl}/metrics`}
  accrual   ${accrual}
  database  ${database}

Try it in another terminal:

  curl -s -c cookies -H 'Content-Type: application/json' -d ${credentials} ${base}/api/user/register
  curl -s -b cookies -H 'Content-Type: text/plain' -d ${number} ${base}/api/user/orders
  sleep 2; curl -s -b cookies ${base}/api/user/orders; curl -s -b cookies ${base}/api/user/balance

Stop it with Ctrl-C.
`;
}
