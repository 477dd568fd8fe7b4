import fc from 'fast-check';
import type { Assignment, Part, PartReport } from '../part.js';
import { anyCommands, play } from './commands.js';
import { Stage } from './stage.js';
import { Disagreement, Story } from './story.js';

/**
 * Stories drawn from one seed of fast-check. Short, so that stories start small again and again.
 */
const STORIES_A_SEED = 20;

/**
 * Shrinking ends after so long, in milliseconds, beyond the time the part was given: a story takes
 * 150, or 1 500 with a restart.
 */
const SHRINK_FOR_MS = 20_000;

/** A failure that is a race may need several attempts to show again in a smaller story. */
const ATTEMPTS_TO_SHRINK = 3;

/** Plays random stories on the real service and on the model, side by side. */
class Theatre {
  #stories = 0;
  #failed: { readonly story: Story; readonly error: unknown } | undefined;
  #endsAt: number;

  constructor(
    private readonly stage: Stage,
    private readonly assignment: Assignment,
  ) {
    this.#endsAt = Date.now() + assignment.seconds * 1_000;
  }

  get stories(): number {
    return this.#stories;
  }

  /** Until the time is over, or a story went wrong. @returns what is wrong. */
  async play(): Promise<string[]> {
    const property = fc.asyncProperty(anyCommands, (commands) => this.#playOne(commands));
    for (let seed = this.assignment.seed; !this.#isOver; seed++) {
      const details = await fc.check(property, { seed, numRuns: STORIES_A_SEED });
      if (this.#failed) return [this.#tell(this.#failed, details)];
    }
    return [];
  }

  get #isOver(): boolean {
    return this.assignment.stopping.aborted || Date.now() >= this.#endsAt;
  }

  /**
   * When the time is over every story passes unplayed, which also ends a search for a smaller
   * failure.
   */
  async #playOne(commands: Parameters<typeof play>[0]): Promise<void> {
    for (
      let attempt = 0;
      attempt < (this.#failed ? ATTEMPTS_TO_SHRINK : 1) && !this.#isOver;
      attempt++
    ) {
      const story = new Story(this.#stories++, this.stage);
      this.assignment.say(
        `${this.#stories} stories${this.#failed ? ', looking for a smaller one that fails' : ''}`,
      );
      try {
        await play(commands, story, () => this.#isOver);
      } catch (error) {
        if (!this.#failed) this.#endsAt = Date.now() + SHRINK_FOR_MS;
        this.#failed = { story, error };
        throw error;
      }
    }
  }

  #tell(
    { story, error }: { story: Story; error: unknown },
    { seed, counterexamplePath }: { seed: number; counterexamplePath: string | null },
  ): string {
    const unexpected =
      error instanceof Disagreement
        ? []
        : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    const lines = [...story.lines, ...unexpected].map((line) => `      ${line}`);
    return `the service does not do what the model does (fast-check seed ${seed}, path ${counterexamplePath}):\n${lines.join('\n')}`;
  }
}

async function run(assignment: Assignment): Promise<PartReport> {
  const stage = await Stage.set();
  let violations: string[] = [];
  try {
    const theatre = new Theatre(stage, assignment);
    violations = await theatre.play();
    if (violations.length > 0) violations.push(`the replicas’ logs are kept in ${stage.folder}`);
    return { facts: { stories: theatre.stories, ...stage.counts }, violations };
  } finally {
    await stage.clear(violations.length > 0);
  }
}

/** The API against a model in memory, over random stories of several users. */
export const MODEL: Part = {
  name: 'model',
  meaning:
    'random stories of several users against a plain model; a failure is shrunk to a small story',
  share: 1,
  byDefault: true,
  run,
};
