/** The pauses of a subscription. It makes one at a time. */
export class Pauses {
  /** Since {@link forgetWakeUp}. */
  #isWoken = false;
  #isStopping = false;
  #end: () => void = () => undefined;

  get isStopping(): boolean {
    return this.#isStopping;
  }

  get isWoken(): boolean {
    return this.#isWoken;
  }

  forgetWakeUp(): void {
    this.#isWoken = false;
  }

  /** There may be something to do. */
  wakeUp(): void {
    this.#isWoken = true;
    this.#end();
  }

  /** Ends this pause, and each one after it at once. */
  stop(): void {
    this.#isStopping = true;
    this.#end();
  }

  /** @param isForWakeUp a wake-up ends it. */
  pause(ms: number, isForWakeUp: boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#end = () => {
        if (!isForWakeUp && !this.#isStopping) return;
        clearTimeout(timer);
        resolve();
      };
      if (this.#isStopping || (isForWakeUp && this.#isWoken)) this.#end();
    });
  }
}
