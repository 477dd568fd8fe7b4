/** In a log that nobody watches, a line so often is enough, in milliseconds. */
const LOG_EVERY_MS = 10_000;

/**
 * One line that changes in a terminal, a line now and then in a log. On stderr: stdout has the
 * report.
 */
export class Progress {
  readonly #began = Date.now();
  #loggedAt = -Infinity;

  constructor(private readonly name: string) {}

  say(line: string): void {
    const seconds = Math.round((Date.now() - this.#began) / 1000);
    const text = `${this.name} ${seconds} s: ${line}`;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\u001b[K${text.slice(0, process.stderr.columns - 1)}`);
    } else if (Date.now() - this.#loggedAt >= LOG_EVERY_MS) {
      this.#loggedAt = Date.now();
      process.stderr.write(`${text}\n`);
    }
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}
