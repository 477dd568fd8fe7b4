import {
  type Configured,
  httpUrl,
  Setting,
  settings,
  wholeNumber,
  yesOrNo,
} from '../platform/settings.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How this replica asks the accrual system about orders. */
export abstract class CashbackSettings extends settings({
  accrualAddress: new Setting(
    'ACCRUAL_SYSTEM_ADDRESS',
    httpUrl,
    undefined,
    'base URL of the accrual system; absent: the bundled simulator starts',
    { flag: 'r' },
  ),
  enabled: new Setting(
    'CASHBACK_ENABLED',
    yesOrNo,
    true,
    'whether this replica asks the accrual system',
  ),
  tickMs: new Setting(
    'CASHBACK_TICK_MS',
    wholeNumber(10, 60_000),
    250,
    'how often due tasks are looked for',
  ),
  register: new Setting(
    'ACCRUAL_REGISTER',
    yesOrNo,
    false,
    'post numbers that the accrual system does not know to its `/api/orders`',
  ),
  concurrency: new Setting(
    'CASHBACK_CONCURRENCY',
    wholeNumber(1, 1_000),
    64,
    'requests to the accrual system at once',
  ),
  timeoutMs: new Setting(
    'CASHBACK_TIMEOUT_MS',
    wholeNumber(100, MINUTE),
    5_000,
    'for a whole reply of the accrual system',
  ),
  leaseMs: new Setting(
    'CASHBACK_LEASE_MS',
    wholeNumber(500, HOUR),
    30_000,
    'a worker silent for so long loses its tasks',
  ),
  /** The domain's TaskRules. */
  rules: {
    maxTries: new Setting(
      'CASHBACK_MAX_TRIES',
      wholeNumber(1, 1_000),
      10,
      'faults of one order before it is parked as FAILED',
    ),
    spacing: {
      minMs: new Setting(
        'CASHBACK_SPACING_MIN_MS',
        wholeNumber(10, HOUR),
        250,
        'shortest wait between two requests for an order',
      ),
      maxMs: new Setting(
        'CASHBACK_SPACING_MAX_MS',
        wholeNumber(10, 24 * HOUR),
        10 * MINUTE,
        'longest wait between two requests',
      ),
    },
  },
}) {
  static override contradictions({
    leaseMs,
    timeoutMs,
    rules: { spacing },
  }: Configured<typeof CashbackSettings.table>): string[] {
    const problems: string[] = [];
    if (leaseMs < 2 * timeoutMs)
      problems.push(
        'CASHBACK_LEASE_MS must be at least twice CASHBACK_TIMEOUT_MS: ' +
          'a lease must outlive a request and its settlement',
      );
    if (spacing.maxMs < spacing.minMs)
      problems.push('CASHBACK_SPACING_MAX_MS must not be below CASHBACK_SPACING_MIN_MS');
    return problems;
  }
}
