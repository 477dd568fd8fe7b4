import type { Table } from '../support/processes/console.js';

/** What a part is given. */
export interface Assignment {
  /** Everything that the part draws at random comes from it, so that a run can be repeated. */
  readonly seed: number;
  /** How long it may go on, set-up not counted; a part with a fixed amount of work ignores it. */
  readonly seconds: number;
  /** Shows a line of progress in place of the last one. */
  readonly say: (line: string) => void;
  /** Of the mutants only those whose name has one of these words. */
  readonly mutants?: readonly string[];
  /** Aborted when the user stops the run: clean up and report what was seen so far. */
  readonly stopping: AbortSignal;
}

export interface PartReport {
  /** What was done, and how often: a run that did nothing must not look as if it found nothing. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** Broken promises, a sentence each with all that is needed to look into it. Empty: passed. */
  readonly violations: readonly string[];
  /** For people. */
  readonly table?: Table;
}

/** One way to attack the service. */
export interface Part {
  readonly name: string;
  /** What it does, for the help text. */
  readonly meaning: string;
  /** Its share of the run's time; 0 for a fixed amount of work. */
  readonly share: number;
  /** Whether a run that names no part includes it. */
  readonly byDefault: boolean;
  run(assignment: Assignment): Promise<PartReport>;
}
