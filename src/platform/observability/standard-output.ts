import { constants, openSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isatty } from 'node:tty';

/** What waits for a reader that is behind, in bytes. */
const LONGEST_QUEUE = 1_048_576;
/** How often a full pipe or terminal is tried again, in milliseconds. */
const RETRY_MS = 20;

/**
 * stdout or stderr, for lines that must neither hold the service up nor end it (ADR 0031). A line
 * is written at once. Where the reader is behind, up to a megabyte waits. What finds no place
 * there, and what the system refuses (disk full, reader gone), is dropped and counted. When writing
 * works again one line says how many were lost.
 */
export class StandardOutput {
  #dropped = 0;
  /** Dropped since a line last said so. */
  #unreported = 0;
  #fd: number | undefined;
  #queue: Buffer[] = [];
  #queued = 0;
  /** The first of the queue is the rest of a line whose beginning is written. */
  #isTorn = false;
  #retry: NodeJS.Timeout | undefined;
  #report = (lost: number): void =>
    this.write(`${lost} lines are missing here: they could not be written\n`);

  constructor(private readonly descriptor: 1 | 2) {
    process.once('exit', () => this.#flush());
  }

  /** Somebody reads it as it is written. */
  get isTerminal(): boolean {
    return isatty(this.descriptor);
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** @param report writes a line that says how many were lost. */
  reportLossBy(report: (lost: number) => void): void {
    this.#report = report;
  }

  /** @param text one line or several, with their ends. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    const isTooMuch = this.#queue.length > 0 && this.#queued + bytes.length > LONGEST_QUEUE;
    if (isTooMuch) return this.#drop(1);
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (!this.#retry) this.#flush();
  }

  /** Waits until everything is written or dropped, but not longer than this. */
  async settled(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (this.#queue.length > 0 && performance.now() < deadline) await pause(RETRY_MS);
  }

  #flush(): void {
    this.#retry = undefined;
    for (let line = this.#queue[0]; line; line = this.#queue[0]) {
      try {
        this.#wrote(line, writeSync((this.#fd ??= this.#open()), line));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EAGAIN') return this.#dropQueue();
        this.#retry = setTimeout(() => this.#flush(), RETRY_MS).unref();
        return;
      }
    }
    if (this.#unreported > 0) this.#sayWhatWasLost();
  }

  #wrote(line: Buffer, count: number): void {
    this.#queued -= count;
    this.#isTorn = count < line.length;
    if (this.#isTorn) this.#queue[0] = line.subarray(count);
    else this.#queue.shift();
  }

  /** A line that was begun is kept: it ends when writing works again, and the next one is whole. */
  #dropQueue(): void {
    const kept = this.#isTorn ? this.#queue.slice(0, 1) : [];
    this.#drop(this.#queue.length - kept.length);
    this.#queue = kept;
    this.#queued = kept[0]?.length ?? 0;
  }

  #drop(lines: number): void {
    this.#dropped += lines;
    this.#unreported += lines;
  }

  #sayWhatWasLost(): void {
    const lost = this.#unreported;
    const before = this.#dropped;
    this.#unreported = 0;
    this.#report(lost);
    if (this.#dropped > before) this.#unreported += lost;
  }

  #open(): number {
    const { descriptor } = this;
    // Node makes pipes and sockets non-blocking when it makes its stream of them. Others write to
    // that stream, and without a listener its error would end the process.
    (descriptor === 1 ? process.stdout : process.stderr).on('error', () => undefined);
    if (!isatty(descriptor)) return descriptor;
    // A terminal blocks while somebody holds it by Ctrl-S. Opened again it is ours to change.
    try {
      const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
      return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    } catch {
      return descriptor;
    }
  }
}

export const stdout = new StandardOutput(1);
export const stderr = new StandardOutput(2);
