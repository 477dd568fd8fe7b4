import { loadavg } from 'node:os';
import { machine } from '../test/torture/report.js';
import { limitTool } from './limit/limit.js';
import { loadTool } from './load/load.js';
import { syncMilliseconds } from './measure/disk.js';
import type { Run, ScenarioReport } from './report/run.js';
import { SCENARIOS } from './scenarios/index.js';
import type { Findings, Scenario } from './scenarios/scenario.js';
import { DATA } from './stage/database.js';
import type { Options } from './stage/options.js';
import { Stage } from './stage/stage.js';

/**
 * Runs the scenarios one after another on one PostgreSQL. @throws what `stopping` was aborted with,
 * and Error where there is no PostgreSQL.
 */
export async function bench(
  scenarios: readonly Scenario[],
  options: Options,
  stopping: AbortSignal,
  tell: (line: string) => void,
): Promise<Run> {
  const date = new Date().toISOString();
  const [loadBefore = NaN] = loadavg();
  let current = 'bench';
  const stage = await Stage.set(options, stopping, (line) => tell(`${current}: ${line}`));
  try {
    const circumstances = {
      date,
      machine: machine(),
      loadBefore,
      syncMs: syncMilliseconds(DATA),
      durability: await stage.database.durability(),
      load: await loadTool(),
      limit: limitTool(),
      options,
      scope:
        scenarios.length === SCENARIOS.length
          ? 'all scenarios'
          : scenarios.map(({ name }) => name).join(', '),
    };
    const reports: ScenarioReport[] = [];
    for (const scenario of scenarios) {
      current = scenario.name;
      reports.push(await play(scenario, stage));
    }
    return { ...circumstances, scenarios: reports };
  } finally {
    current = 'bench';
    await stage.strike();
  }
}

async function play(scenario: Scenario, stage: Stage): Promise<ScenarioReport> {
  const { name, meaning } = scenario;
  const began = Date.now();
  const findings = await attempt(scenario, stage);
  const { problems, peakMegabytes } = await stage.clear();
  return {
    name,
    meaning,
    ...findings,
    problems,
    peakMegabytes,
    seconds: Math.round((Date.now() - began) / 1_000),
  };
}

/**
 * Minutes of measuring must not be lost because the next scenario breaks down: that is a problem of
 * the run, and the others go on.
 */
async function attempt(scenario: Scenario, stage: Stage): Promise<Findings> {
  try {
    return await scenario.run(stage);
  } catch (error) {
    if (stage.stopping.aborted) throw error;
    stage.report(
      `could not be measured: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return { rows: [], figures: [] };
  }
}
