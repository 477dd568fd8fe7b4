/** What an operator may set of the reconciliation. */
export abstract class ReconciliationSettings {
  abstract readonly databaseUri: string;
  /** Between two runs of this replica, in milliseconds; 0: none. */
  abstract readonly intervalMs: number;
}
