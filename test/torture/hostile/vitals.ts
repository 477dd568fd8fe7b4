import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../../support/processes/histogram.js';
import { openConnections, openFiles } from '../../support/processes/proc.js';
import type { Findings } from '../findings.js';
import { rest } from './bystanders.js';

/** Looks at the memory in a run; the first third is warm-up: code is compiled, caches fill. */
const LOOKS = 18;

/** Healthy runs end within 2 MB of where they began; a leak of 10 KB a request makes 20 in 20 s. */
const LIVE_GROWTH_MB = 6;
/** Pages come and go by 40 MB with V8's spare room, and 19 MB for each password hashed. */
const RESIDENT_GROWTH_MB = 80;
/** Connections to the database and to the accrual system are opened at need, and kept. */
const FILES_GROWTH = 40;
const CLOSED_WITHIN_MS = 30_000;
const ANSWERED_WITHIN_MS = 30_000;

interface Look {
  readonly residentMb: number;
  /** What garbage collection leaves. */
  readonly liveMb: number;
}

/** Memory, open files and connections of the service; the latter two where there is /proc. */
export class Vitals {
  readonly #looks: Look[] = [];
  readonly #filesBefore: number;
  readonly #connectionsBefore: number;

  /** @param memoryFile where the process writes its memory, see collect-garbage.mjs. */
  constructor(
    private readonly pid: number,
    private readonly port: number,
    private readonly memoryFile: string,
    private readonly findings: Findings,
  ) {
    this.#filesBefore = openFiles(pid);
    this.#connectionsBefore = openConnections(pid, port);
  }

  async watch(seconds: number, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await rest((seconds * 1_000) / LOOKS, until);
      const look = await this.#look();
      if (look) this.#looks.push(look);
    }
  }

  /** Compares the end with the beginning. To be called when all clients have gone. */
  async judge(): Promise<void> {
    const looks = this.#looks.slice(this.#looks.length / 3);
    const third = Math.ceil(looks.length / 3);
    const compare = (what: string, mb: (look: Look) => number, bound: number): void => {
      const [from, to] = [looks.slice(0, third), looks.slice(-third)].map((each) =>
        median(each.map(mb)),
      ) as [number, number];
      const all = this.#looks.map(mb).join(' ');
      if (to - from > bound)
        this.findings.violation(`${what} grows`, `from ${from} to ${to} MB: ${all}`);
    };
    compare('memory in use', ({ liveMb }) => liveMb, LIVE_GROWTH_MB);
    compare('resident memory', ({ residentMb }) => residentMb, RESIDENT_GROWTH_MB);
    const connections = (): number => openConnections(this.pid, this.port);
    const before = this.#connectionsBefore;
    const deadline = Date.now() + CLOSED_WITHIN_MS;
    while (connections() > before && Date.now() < deadline) await pause(20);
    if (connections() > before)
      this.findings.violation('connections stay open', `${before} before, ${connections()} after`);
    const files = openFiles(this.pid);
    if (files > this.#filesBefore + FILES_GROWTH)
      this.findings.violation('files stay open', `${this.#filesBefore} before, ${files} after`);
  }

  get facts(): Record<string, string> {
    const tell = (mb: (look: Look) => number): string => {
      const all = this.#looks.map(mb);
      return `${all[0]} first, ${Math.max(...all)} at most, ${all.at(-1)} last`;
    };
    return {
      'resident memory, MB': tell(({ residentMb }) => residentMb),
      'memory in use, MB': tell(({ liveMb }) => liveMb),
      'open files': `${this.#filesBefore} before, ${openFiles(this.pid)} after`,
    };
  }

  /** Undefined when the process does not answer: others say whether it lives. */
  async #look(): Promise<Look | undefined> {
    rmSync(this.memoryFile, { force: true });
    try {
      process.kill(this.pid, 'SIGUSR2');
    } catch {
      return undefined;
    }
    const deadline = Date.now() + ANSWERED_WITHIN_MS;
    while (!existsSync(this.memoryFile)) {
      if (Date.now() > deadline) return undefined;
      await pause(10);
    }
    const usage = JSON.parse(readFileSync(this.memoryFile, 'utf8')) as NodeJS.MemoryUsage;
    const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
    const { rss, heapUsed, external } = usage;
    return { residentMb: megabytes(rss), liveMb: megabytes(heapUsed + external) };
  }
}
