/** HMAC with SHA-256 (RFC 7518, 3.2), and no other. */
export const TOKEN_ALGORITHM = 'HS256';

/** What a signed-in client shows with every request. */
export abstract class AccessTokens {
  /** A token that is good for {@link AuthSettings.tokenTtlSeconds}. */
  abstract issue(userId: string): string;

  /**
   * The id of the user the token was issued to; undefined where it is malformed, tampered, expired
   * or not ours. Whether that user still exists is another question: {@link KnownUsers}.
   */
  abstract verify(token: string): string | undefined;

  /** The same for a token that was verified before; undefined for every other. */
  abstract recall(token: string): string | undefined;

  /**
   * Remembers the claims of a token whose signature was verified; undefined where they are not a
   * token's of ours.
   */
  abstract remember(token: string, claims: unknown): string | undefined;
}
