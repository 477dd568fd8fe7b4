import { DEFAULT_ROLES, roleList } from './roles.js';
import { address, oneOf, Setting, settings, wholeNumber } from '../platform/settings.js';

/** What concerns the process as a whole, and no module of its own. */
export abstract class ProcessSettings extends settings({
  runAddress: new Setting(
    'RUN_ADDRESS',
    address,
    { host: 'localhost', port: 8080 },
    'host and port to listen on',
    { flag: 'a' },
  ),
  roles: new Setting(
    'ROLES',
    roleList,
    DEFAULT_ROLES,
    'what this process is: `portal`, `billing`, `accrual`, `relay`, `query`',
  ),
  dataFolder: new Setting(
    'DATA_FOLDER',
    (text) => text,
    'data',
    'where the embedded PostgreSQL and the signing key are kept',
  ),
  stopDelayMs: new Setting(
    'STOP_DELAY_MS',
    wholeNumber(0, 5_000),
    300,
    'how long a stop says 503 on `/health/ready` and still serves',
  ),
  logLevel: new Setting(
    'LOG_LEVEL',
    oneOf('silent', 'fatal', 'error', 'warn', 'info', 'debug'),
    'info',
    'what is logged; debug: every request',
  ),
  environment: new Setting(
    'NODE_ENV',
    (text) => text,
    'development',
    'production: JWT_SECRET is required',
  ),
}) {}
