import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Findings } from './findings.js';
import { rest } from './rest.js';

/** ESTABLISHED and CLOSE_WAIT, as /proc/net/tcp writes them. */
const OPEN = ['01', '08'];

/**
 * So many looks at the memory a run; the first third of them is warm-up: code is compiled, pools
 * and bounded caches fill.
 */
const LOOKS = 18;

/**
 * After garbage was collected, healthy runs end within 2 MB of where they began; a leak of 10 KB a
 * request makes 20 MB in 20 s.
 */
const LIVE_GROWTH_MB = 6;
/**
 * What is no JavaScript leaves no other trace; pages come and go by 40 MB with V8's spare room, and
 * 19 MB for each password hashed.
 */
const RESIDENT_GROWTH_MB = 80;
/** Connections to the database and to the accrual system are opened at need, and kept. */
const FILES_GROWTH = 40;
const CLOSED_WITHIN_MS = 3_000;
const ANSWERED_WITHIN_MS = 3_000;

interface Look {
  readonly residentMb: number;
  /** What garbage collection leaves. */
  readonly liveMb: number;
}

/** Memory and open files of the service. Files are counted where there is /proc. */
export class Vitals {
  readonly #looks: Look[] = [];
  readonly #filesBefore: number;
  /** Whoever set the stage may keep one open. */
  readonly #connectionsBefore: number;

  /** @param memoryFile where the process writes its memory, see collect-garbage.mjs. */
  constructor(
    private readonly pid: number,
    private readonly port: number,
    private readonly memoryFile: string,
    private readonly findings: Findings,
  ) {
    this.#filesBefore = this.#openFiles();
    this.#connectionsBefore = this.#connections();
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
    const [before, after] = this.#thirds();
    const grown = (what: string, mb: (look: Look) => number, bound: number): void => {
      const [from, to] = [median(before.map(mb)), median(after.map(mb))];
      if (to - from > bound)
        this.findings.add(
          `${what} grows`,
          `from ${from} to ${to} MB: ${this.#looks.map(mb).join(' ')}`,
        );
    };
    grown('memory in use', ({ liveMb }) => liveMb, LIVE_GROWTH_MB);
    grown('resident memory', ({ residentMb }) => residentMb, RESIDENT_GROWTH_MB);
    const deadline = Date.now() + CLOSED_WITHIN_MS;
    while (this.#connections() > this.#connectionsBefore && Date.now() < deadline) await pause(20);
    const [connections, files] = [this.#connections(), this.#openFiles()];
    if (connections > this.#connectionsBefore) {
      this.findings.add(
        'connections stay open',
        `${this.#connectionsBefore} before, ${connections} after all clients have gone`,
      );
    }
    if (files > this.#filesBefore + FILES_GROWTH)
      this.findings.add('files stay open', `${this.#filesBefore} before, ${files} after`);
  }

  get facts(): Record<string, string> {
    const tell = (mb: (look: Look) => number): string => {
      const all = this.#looks.map(mb);
      return `${all[0]} first, ${Math.max(...all)} at most, ${all.at(-1)} last`;
    };
    return {
      'resident memory, MB': tell(({ residentMb }) => residentMb),
      'memory in use, MB': tell(({ liveMb }) => liveMb),
      'open files': `${this.#filesBefore} before, ${this.#openFiles()} after`,
    };
  }

  /** Undefined when the process does not answer: whether it lives is for others to say. */
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
    const { rss, heapUsed, external } = JSON.parse(
      readFileSync(this.memoryFile, 'utf8'),
    ) as NodeJS.MemoryUsage;
    return { residentMb: megabytes(rss), liveMb: megabytes(heapUsed + external) };
  }

  /** Of what comes after the warm-up, the first and the last third. */
  #thirds(): [Look[], Look[]] {
    const looks = this.#looks.slice(this.#looks.length / 3);
    const third = Math.ceil(looks.length / 3);
    return [looks.slice(0, third), looks.slice(-third)];
  }

  #openFiles(): number {
    const folder = `/proc/${this.pid}/fd`;
    return existsSync(folder) ? readdirSync(folder).length : 0;
  }

  /** Of clients, open on the service's side. */
  #connections(): number {
    const local = `:${this.port.toString(16).toUpperCase().padStart(4, '0')}`;
    const tables = ['tcp', 'tcp6']
      .map((name) => `/proc/${this.pid}/net/${name}`)
      .filter((table) => existsSync(table));
    const rows = tables
      .flatMap((table) => readFileSync(table, 'utf8').split('\n'))
      .map((row) => row.trim().split(/\s+/));
    return rows.filter(
      ([, address, , state = '']) => address?.endsWith(local) && OPEN.includes(state),
    ).length;
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
