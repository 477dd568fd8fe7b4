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
  readonly #onStop: (() => void)[] = [];
  readonly #needs = new Map<string, Obstacle>();

  get isStopping(): boolean {
    return this.#stopping;
  }

  beginStop(): void {
    this.#stopping = true;
    for (const listener of this.#onStop) listener();
  }

  /** Calls `listener` when the process begins to stop. */
  onStop(listener: () => void): void {
    this.#onStop.push(listener);
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
