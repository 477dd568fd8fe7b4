/** A user's orders as they are shown: a read model, built where the data is. */
export abstract class OrderHistory {
  /**
   * The JSON array of the user's orders, newest first:
   * `[{"number","status","accrual"?,"uploaded_at"}]`; in pieces where they are many. Null where
   * there are none, undefined where there is no such user.
   */
  abstract of(userId: string): Promise<string | AsyncIterable<string> | null | undefined>;
}
