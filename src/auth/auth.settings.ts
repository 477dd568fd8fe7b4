/** What this module must be told; the configuration provides it. */
export abstract class AuthSettings {
  /** The key that signs tokens, at least 16 bytes. */
  abstract readonly jwtSecret: string;
  /** How long a token, and the cookie that carries it, is good for. */
  abstract readonly tokenTtlSeconds: number;
  /** Failed log-ins per minute per login and address; 0: no limit. */
  abstract readonly loginAttemptsPerMinute: number;
  /** Requests per second per user, or per address where nobody is signed in; 0: no limit. */
  abstract readonly rateLimitPerSecond: number;
  /** Passwords hashed at once; each takes a core for about 20 ms. */
  abstract readonly hashConcurrency: number;
  /** Passwords waiting for that; one more is refused. */
  abstract readonly hashQueue: number;
  /** Whether browsers may send the cookie over HTTPS only. */
  abstract readonly secureCookie: boolean;
}
