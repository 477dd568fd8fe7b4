/** How often what was answered how. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>();

  count(what: string, answer: string | number): void {
    const answers = this.#counts.get(what) ?? new Map<string, number>();
    this.#counts.set(what, answers.set(`${answer}`, (answers.get(`${answer}`) ?? 0) + 1));
  }

  has(what: string, answer: string): boolean {
    return this.#counts.get(what)?.has(answer) ?? false;
  }

  /** As in `POST /api/user/orders`, `200 × 12, 202 × 80`. */
  get rows(): string[][] {
    const print = (answers: ReadonlyMap<string, number>): string =>
      [...answers]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([answer, times]) => `${answer} × ${times}`)
        .join(', ');
    return [...this.#counts]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([what, answers]) => [what, print(answers)]);
  }
}
