/**
 * What a part is given: everything it draws at random comes from `seed`, so that a run can be
 * repeated.
 */
export interface Assignment {
  readonly seed: number;
  /**
   * How long it may go on, set-up not counted; a part that has a fixed amount of work takes what
   * that takes.
   */
  readonly seconds: number;
  /** Shows a line of progress in place of the last one. */
  say(line: string): void;
  /** Aborted when the user stops the run: clean up and report what was seen so far. */
  readonly stopping: AbortSignal;
}

/** A table for people; the JSON report has the rows as they are. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface PartReport {
  /**
   * What was done, and how often: a run that did nothing must not look like one that found nothing.
   */
  readonly facts: Readonly<Record<string, string | number>>;
  /** Broken promises, a sentence each with all that is needed to look into it. Empty: passed. */
  readonly violations: readonly string[];
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
