/** The bell of this process's worker: rung after a commit that made work for it. */
export class WakeUp {
  #listener: () => void = () => undefined;

  call(): void {
    this.#listener();
  }

  onCall(listener: () => void): void {
    this.#listener = listener;
  }
}
