/** What a user may see of the own account: read models, as JSON built where the data is. */
export abstract class Statements {
  /** `{"current","withdrawn"}`; undefined for a user without an account. */
  abstract balance(userId: string): Promise<string | undefined>;

  /** `[{"order","sum","processed_at"}]`, newest first; undefined where there are none. */
  abstract withdrawals(userId: string): Promise<string | undefined>;
}
