/** Makes pauses, one at a time, that end early once there is a reason. */
export class Pause {
  #look: () => void = () => undefined;

  /** Resolves after so many milliseconds, or as soon as a {@link look} finds that it is over. */
  wait(ms: number, isOver: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#look = () => {
        if (!isOver()) return;
        clearTimeout(timer);
        resolve();
      };
      this.#look();
    });
  }

  /** To be called after everything that a pause may be over for. */
  look(): void {
    this.#look();
  }
}
