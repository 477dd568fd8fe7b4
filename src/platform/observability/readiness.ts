import { setTimeout as pause } from 'node:timers/promises';
import { ServiceUnavailableException } from '@nestjs/common';

/** How long a need may take to answer, in milliseconds: probes are impatient. */
const ANSWER_MS = 1_000;

/** Says why something cannot be used now; undefined: it can. */
type Obstacle = () => Promise<string | undefined>;

/** What probes are told while the service stops; the log has said that once. */
export class Stopping extends ServiceUnavailableException {}

/** Whether this process wants traffic: from its start until it begins to stop. */
export class Readiness {
  #stopping = false;
  /** By the monotonic clock. */
  #stopBy = Infinity;
  readonly #onStop: (() => void)[] = [];
  readonly #needs = new Map<string, Obstacle>();

  get isStopping(): boolean {
    return this.#stopping;
  }

  /** @param withinMs in how many milliseconds the parts of the service are to have stopped. */
  beginStop(withinMs = Infinity): void {
    this.#stopping = true;
    this.#stopBy = performance.now() + withinMs;
    for (const listener of this.#onStop) listener();
  }

  /** Calls `listener` when the process begins to stop. */
  onStop(listener: () => void): void {
    this.#onStop.push(listener);
  }

  /**
   * Waits until a part of the service has stopped: so many milliseconds at most, and no longer than
   * half of what is left, for the parts stop one after another.
   *
   * @returns whether it has.
   */
  async hasStopped(part: Promise<unknown>, withinMs: number): Promise<boolean> {
    const halfMs = Math.max(0, this.#stopBy - performance.now()) / 2;
    const late = pause(Math.min(withinMs, halfMs), false, { ref: false });
    return Promise.race([part.then(() => true), late]);
  }

  /** The process is not ready without it. */
  need(name: string, obstacle: Obstacle): void {
    this.#needs.set(name, obstacle);
  }

  get needs(): readonly string[] {
    return [...this.#needs.keys()];
  }

  /** Whether it wants traffic now. */
  async isReady(): Promise<boolean> {
    const obstacles = await Promise.all(this.needs.map((need) => this.obstacleOf(need)));
    return !this.#stopping && obstacles.every((each) => each === undefined);
  }

  /** Why this need is not met; undefined where it is. Never rejects. */
  async obstacleOf(name: string): Promise<string | undefined> {
    try {
      return await Promise.race([
        this.#needs.get(name)?.(),
        pause(ANSWER_MS, 'no answer in time', { ref: false }),
      ]);
    } catch (error) {
      return (error as Error).message;
    }
  }
}
