/**
 * What a user may see of the own account: read models, as JSON built where the data is; undefined
 * where there is no such user.
 */
export abstract class Statements {
  /** `{"current","withdrawn"}`. */
  abstract balance(userId: string): Promise<string | null | undefined>;

  /** `[{"order","sum","processed_at"}]`, newest first; null where there are none. */
  abstract withdrawals(userId: string): Promise<string | null | undefined>;
}
