import type { Row } from '../scenarios/scenario.js';
import type { Options } from '../stage/options.js';
import type { Figure } from './figure.js';

/** What a scenario has come to. */
export interface ScenarioReport {
  readonly name: string;
  readonly meaning: string;
  /** All of it, starting and filling included. */
  readonly seconds: number;
  readonly rows: readonly Row[];
  readonly figures: readonly Figure[];
  /** What must not happen; one fails the run. */
  readonly problems: readonly string[];
  /** Of the services in this scenario, the most that one had. */
  readonly peakMegabytes: number;
}

/** One run: `--json` writes it as it is. */
export interface Run {
  readonly date: string;
  readonly machine: string;
  /** Of the machine in the minute before; what else runs is measured too. */
  readonly loadBefore: number;
  /** Until a page is on the disk, in milliseconds. */
  readonly syncMs: number;
  /** The settings that say what a commit is worth, as the server gives them. */
  readonly durability: Readonly<Record<string, string>>;
  readonly load: string;
  readonly limit: string;
  readonly options: Options;
  /** Which scenarios, in words: the peak of some is not compared with the peak of all. */
  readonly scope: string;
  readonly scenarios: readonly ScenarioReport[];
}

/** Of all services in all scenarios, in MB. */
const MOST_MEMORY = 300;

/** What is measured over the whole of a run. */
export function overall({ scope, scenarios }: Run): Figure[] {
  const peaks = scenarios.map(({ peakMegabytes }) => peakMegabytes).filter((peak) => peak > 0);
  if (peaks.length === 0) return [];
  const value = Math.max(...peaks);
  const goal = { bound: 'at most', value: MOST_MEMORY } as const;
  return [
    {
      name: `peak memory of the service, ${scope}`,
      unit: 'MB',
      value,
      lowest: Math.min(...peaks),
      highest: value,
      goal,
    },
  ];
}

export function allFigures(run: Run): Figure[] {
  return [...run.scenarios.flatMap(({ figures }) => figures), ...overall(run)];
}

export function problemsOf({ scenarios }: Run): string[] {
  return scenarios.flatMap(({ name, problems }) =>
    problems.map((problem) => `${name}: ${problem}`),
  );
}
