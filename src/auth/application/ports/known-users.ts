/** Answers whether the user that a token names still exists. */
export abstract class KnownUsers {
  /**
   * Not for use inside a transaction: the answer is shared with other callers. @throws
   * DatabaseUnavailable
   */
  abstract has(userId: string): Promise<boolean>;
}
