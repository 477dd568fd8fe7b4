/** A user's orders as they are shown: a read model, built where the data is. */
export abstract class OrderHistory {
  /**
   * The JSON array of the user's orders, newest first: `[{"number","status","accrual"?,"uploaded_at"}]`; null where there are none, undefined
   * where there is no such user.
   */
  abstract of(userId: string): Promise<string | null | undefined>;
}
