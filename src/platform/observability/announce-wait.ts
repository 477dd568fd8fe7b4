const FIRST_AFTER_MS = 500;
const AGAIN_EVERY_MS = 5_000;

/**
 * Does `work`, and says what it waits for when it takes longer than half a second, and again every
 * five: a start that is silent looks like one that hangs.
 *
 * @param what completes “waiting for …”. It is asked anew for each line.
 * @param stopping gives up waiting, whether the work heeds it or not: a connection to a host that
 * does not answer takes its time to fail.
 */
export async function announceWait<T>(
  what: () => string,
  log: (line: string) => void,
  work: () => Promise<T>,
  stopping: AbortSignal = new AbortController().signal,
): Promise<T> {
  const began = performance.now();
  const say = (): void => {
    const seconds = Math.ceil((performance.now() - began) / 1_000);
    log(`waiting for ${what()} (${seconds} s)`);
  };
  const first = setTimeout(say, FIRST_AFTER_MS);
  const again = setInterval(say, AGAIN_EVERY_MS);
  let giveUp = (): void => undefined;
  try {
    stopping.throwIfAborted();
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = () => reject(stopping.reason as Error);
      stopping.addEventListener('abort', giveUp);
    });
    return await Promise.race([work(), givenUp]);
  } finally {
    stopping.removeEventListener('abort', giveUp);
    clearTimeout(first);
    clearInterval(again);
  }
}
