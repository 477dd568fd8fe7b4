import { beforeEach, describe, expect, it } from '@jest/globals';
import { DatabaseUnavailable, DataRejected } from '../../kernel/application/persistence-errors.js';
import type { Fact } from '../domain/fact.js';
import { type ParkedEvent, ReadModel, type ReceivedEvent, type RefusedEvent } from './ports.js';
import { ProjectEvents } from './project-events.js';

const USER = '0190a5b0-0000-7000-8000-000000000001';

/** It refuses the entries whose kind is POISON. */
class PickyModel extends ReadModel {
  readonly stored: number[] = [];
  readonly refused: RefusedEvent[] = [];
  readonly unparked: string[] = [];
  isAway = false;

  store(facts: readonly Fact[]): Promise<void> {
    const entries = facts.flatMap((fact) => ('entry' in fact ? [fact.entry] : []));
    if (this.isAway) return Promise.reject(new DatabaseUnavailable('away'));
    if (entries.some(({ kind }) => kind === 'POISON'))
      return Promise.reject(new DataRejected('numeric field overflow'));
    this.stored.push(...entries.map(({ revision }) => revision));
    return Promise.resolve();
  }

  park(refused: readonly RefusedEvent[]): Promise<void> {
    this.refused.push(...refused);
    return Promise.resolve();
  }

  retried(events: readonly ParkedEvent[], refused: readonly RefusedEvent[]): Promise<void> {
    const again = new Set<ReceivedEvent>(refused.map(({ event }) => event));
    this.unparked.push(...events.filter((each) => !again.has(each)).map(({ id }) => id));
    return Promise.resolve();
  }

  reach = unasked;
  progress = unasked;
  parked = unasked;
  toRetry = unasked;
}

function unasked(): never {
  throw new Error('nobody asks for it here');
}

describe(ProjectEvents, () => {
  let model: PickyModel;
  let project: ProjectEvents;

  beforeEach(() => {
    model = new PickyModel();
    project = new ProjectEvents(model);
  });

  const entry = (revision: number, kind = 'ACCRUAL'): ReceivedEvent => ({
    position: `${revision}`,
    type: 'transaction_processed',
    content: {
      id: `${revision}`,
      type: 'transaction_processed',
      subject: USER,
      revision,
      time: '2026-11-29T08:00:00.000Z',
      data: { transaction: USER, kind, amount: '1.00', balance: '1.00', withdrawn: '0.00' },
    },
  });

  it('stores a batch at once', async () => {
    await expect(project.execute([entry(1), entry(2)])).resolves.toEqual([]);
    expect(model.stored).toEqual([1, 2]);
  });

  it('halves a batch until the event at fault stands alone, and parks that one', async () => {
    const poison = entry(4, 'POISON');
    const batch = [entry(1), entry(2), entry(3), poison, entry(5), entry(6), entry(7)];
    await project.execute(batch);
    expect(model.stored).toEqual([1, 2, 3, 5, 6, 7]);
    expect(model.refused).toEqual([{ event: poison, reason: 'numeric field overflow' }]);
  });

  it('parks what nobody understands, and stores the rest', async () => {
    const broken = { ...entry(2), content: { ...(entry(2).content as object), revision: 'two' } };
    const noJson = { position: undefined, type: '', content: '<html>' };
    await project.execute([entry(1), broken, noJson, entry(3)]);
    expect(model.stored).toEqual([1, 3]);
    expect(model.refused).toEqual([
      { event: broken, reason: 'its revision is "two"' },
      { event: noJson, reason: 'the event is no object' },
    ]);
  });

  it('parks nothing while the database is away', async () => {
    model.isAway = true;
    await expect(project.execute([entry(1), entry(2)])).rejects.toThrow(DatabaseUnavailable);
    expect(model.refused).toEqual([]);
  });

  it('tries what an operator has put back: what is refused again stays', async () => {
    const [good, poison] = [
      { id: '1', ...entry(1) },
      { id: '2', ...entry(2, 'POISON') },
    ];
    await project.retry([good, poison]);
    expect(model.stored).toEqual([1]);
    expect(model.unparked).toEqual(['1']);
    expect(model.refused).toEqual([]);
  });
});
