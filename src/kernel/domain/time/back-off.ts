/** The pauses between the tries of what fails, in milliseconds. */
export interface BackOff {
  /** After the first failure; it doubles with each further one. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long to wait before the next try, in milliseconds: exponential back-off.
 *
 * @param failures from 1.
 * @param random jitter, 0 to 1, which makes it half of the pause to all of it: those who fail
 * together should not try again together. Without it, it is all of the pause.
 */
export function backOffMs(failures: number, { firstMs, longestMs }: BackOff, random = 1): number {
  return Math.min(firstMs * 2 ** (failures - 1), longestMs) * (0.5 + random / 2);
}
