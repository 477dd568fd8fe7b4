import { writeFileSync } from 'node:fs';
import { CommandLineProblem, help, readCommandLine, type TortureOptions } from './command-line.js';
import type { Part, PartReport } from './part.js';
import { PARTS } from './parts.js';
import { Progress } from './progress.js';
import { machine, print, type Report } from './report.js';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));

async function torture({ parts, seed, minutes }: TortureOptions): Promise<Report> {
  const shares = parts.reduce((sum, { share }) => sum + share, 0);
  const reports: Record<string, PartReport & { seconds: number }> = {};
  const date = new Date().toISOString();
  for (const part of parts) {
    if (stopping.signal.aborted) break;
    const seconds = shares === 0 ? 0 : (minutes * 60 * part.share) / shares;
    reports[part.name] = await attempt(part, seed, seconds);
  }
  const passed =
    !stopping.signal.aborted &&
    Object.values(reports).every(({ violations }) => violations.length === 0);
  return { date, seed, minutes, machine: machine(), passed, parts: reports };
}

/** A part that breaks down has proved nothing: that is a violation too. */
async function attempt(
  part: Part,
  seed: number,
  seconds: number,
): Promise<PartReport & { seconds: number }> {
  const progress = new Progress(part.name);
  const began = Date.now();
  const took = (): number => Math.round((Date.now() - began) / 1000);
  try {
    const report = await part.run({
      seed,
      seconds,
      say: (line) => progress.say(line),
      stopping: stopping.signal,
    });
    return { ...report, seconds: took() };
  } catch (error) {
    const violation = `broke down: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    return { facts: {}, violations: [violation], seconds: took() };
  } finally {
    progress.end();
  }
}

try {
  const options = readCommandLine(process.argv.slice(2), PARTS);
  if (options === 'help') {
    console.log(help(PARTS));
    process.exit(0);
  }
  const report = await torture(options);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(`\n${print(report)}`);
  process.exit(report.passed ? 0 : 1);
} catch (error) {
  console.error(error instanceof CommandLineProblem ? `${error.message} (see --help)` : error);
  process.exit(2);
}
