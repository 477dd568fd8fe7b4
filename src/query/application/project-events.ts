import { Injectable } from '@nestjs/common';
import { OneIsAtFault } from '../../kernel/application/persistence-errors.js';
import { type Fact, factOf, MalformedEvent } from '../domain/fact.js';
import { type ParkedEvent, ReadModel, type ReceivedEvent, type RefusedEvent } from './ports.js';

/** An event and what it says. */
interface Understood {
  readonly event: ReceivedEvent;
  readonly fact: Fact;
}

/** Brings the read model up to date with events, and parks those that cannot be stored. */
@Injectable()
export class ProjectEvents {
  constructor(private readonly model: ReadModel) {}

  /**
   * @returns those that it has parked.
   * @throws DatabaseUnavailable: nothing is lost, the same batch is to come again.
   */
  async execute(events: readonly ReceivedEvent[]): Promise<readonly RefusedEvent[]> {
    const refused = await this.#project(events);
    if (refused.length > 0) await this.model.park(refused);
    return refused;
  }

  /** The same for events that an operator has put back. */
  async retry(events: readonly ParkedEvent[]): Promise<readonly RefusedEvent[]> {
    if (events.length === 0) return [];
    const refused = await this.#project(events);
    await this.model.retried(events, refused);
    return refused;
  }

  async #project(events: readonly ReceivedEvent[]): Promise<readonly RefusedEvent[]> {
    const refused: RefusedEvent[] = [];
    const understood = events.flatMap((event): Understood[] => {
      try {
        const fact = factOf(event.content);
        return fact ? [{ event, fact }] : [];
      } catch (error) {
        if (!(error instanceof MalformedEvent)) throw error;
        refused.push({ event, reason: error.message });
        return [];
      }
    });
    return [...refused, ...(await this.#store(understood))];
  }

  /** A batch that is refused is halved until the event at fault stands alone. */
  async #store(understood: readonly Understood[]): Promise<RefusedEvent[]> {
    if (understood.length === 0) return [];
    try {
      await this.model.store(understood.map(({ fact }) => fact));
      return [];
    } catch (error) {
      if (!(error instanceof OneIsAtFault)) throw error;
      const [only] = understood;
      if (only && understood.length === 1) return [{ event: only.event, reason: error.message }];
      const half = understood.length >> 1;
      return [
        ...(await this.#store(understood.slice(0, half))),
        ...(await this.#store(understood.slice(half))),
      ];
    }
  }
}
