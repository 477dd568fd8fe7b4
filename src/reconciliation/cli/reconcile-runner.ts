import { Injectable } from '@nestjs/common';
import type { CommandRunner, ExitCode, Print } from '../../shared/cli/operator-command.js';
import { Books } from '../application/ports/books.js';
import { countOf, ReconcileBooks } from '../application/reconcile-books.js';
import { JSON_WORDS, PLAIN_WORDS } from './words.js';

/** How the differences are said. */
export interface ReconcileWish {
  readonly json: boolean;
}

/**
 * Prints every difference as it is found: none is kept, so a ledger that is broken as a whole needs
 * no more memory than a sound one.
 */
@Injectable()
export class ReconcileRunner implements CommandRunner<ReconcileWish> {
  constructor(
    private readonly books: Books,
    private readonly reconcileBooks: ReconcileBooks,
  ) {}

  async run({ json }: ReconcileWish, print: Print, stopping: AbortSignal): Promise<ExitCode> {
    const words = json ? JSON_WORDS : PLAIN_WORDS;
    const reconciliation = await this.books.snapshot(stopping, (snapshot) =>
      this.reconcileBooks.execute(snapshot, (difference) => print(words.difference(difference))),
    );
    print(words.summary(reconciliation));
    return countOf(reconciliation) === 0 ? 0 : 1;
  }
}
