/** What a signed-in client shows with every request: the one place that decides which tokens are good. */
export abstract class AccessTokens {
  /** A token that is good for {@link AuthSettings.tokenTtlSeconds}. */
  abstract issue(userId: string): string;

  /**
   * The id of the user the token was issued to; undefined where it is malformed, tampered, expired or not ours. Whether that user still
   * exists is another question: {@link KnownUsers}.
   */
  abstract verify(token: string): string | undefined;
}
