/** What the HTTP edge must be told; the configuration provides it. */
export abstract class HttpSettings {
  /** Bytes of a request body, as sent and unpacked. */
  abstract readonly bodyLimit: number;
  /** Take the client's address from `X-Forwarded-For`. */
  abstract readonly trustProxy: boolean;
  /** How long the service stays reachable but unready before it stops, in milliseconds. */
  abstract readonly stopDelayMs: number;
}
