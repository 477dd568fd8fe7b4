import { orZero, Setting, settings, wholeNumber } from '../platform/settings.js';

const HOUR = 3_600_000;

/** When this replica reconciles the books by itself. */
export abstract class ReconciliationSettings extends settings({
  intervalMs: new Setting(
    'RECONCILE_INTERVAL_MS',
    orZero(wholeNumber(1_000, 24 * HOUR)),
    HOUR,
    'between two reconciliations of the books, 0: none',
  ),
}) {}
