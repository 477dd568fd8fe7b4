import { about, type Corruption, type Draw, EARNER, STRANGE_NUMBER } from './corruption.js';
import { sample } from './sample-books.js';

export function corruptionsOfJournal(draw: Draw): Corruption[] {
  const a = draw(EARNER);
  const [id, number, entry] = [sample.account(a), sample.number(a, 2), sample.entry(a, 3)];
  const isOfOrder = `data::json ->> 'order' = '${number}' AND type`;
  const isOfEntry = `data::json ->> 'transaction' = '${entry}'`;
  const remove = (condition: string): string => `DELETE FROM gophermart.events WHERE ${condition}`;
  const change = (set: string, condition: string): string =>
    `UPDATE gophermart.events SET ${set} WHERE ${condition}`;
  const replace = (from: string, to: string, condition: string): string =>
    change(`data = replace(data, '${from}', '${to}')`, condition);
  const copy = (condition: string, data = 'data'): string =>
    `INSERT INTO gophermart.events (type, subject, revision, at, data)
     SELECT type, subject, revision, at, ${data} FROM gophermart.events WHERE ${condition}`;
  const isOrders = `IN ('order_created', 'order_updated', 'accrual_finished')`;
  return about(
    [id, number, entry, STRANGE_NUMBER],
    [
      ['an order without events', remove(`${isOfOrder} ${isOrders}`), 'order-without-event'],
      [
        'an order whose beginning is missing',
        remove(`${isOfOrder} = 'order_created'`),
        'event-revision',
      ],
      [
        'an order with a gap in its revisions',
        change('revision = 3', `${isOfOrder} = 'order_updated'`),
        'event-revision',
      ],
      [
        'a change of an order twice',
        copy(`${isOfOrder} = 'order_updated'`),
        'event-revision',
        'event-of-order',
      ],
      [
        'an answer other than the status',
        replace('PROCESSED', 'INVALID', `${isOfOrder} = 'accrual_finished'`),
        'event-of-order',
      ],
      [
        'the beginning of a calculation of nobody’s order',
        copy(`${isOfOrder} = 'order_created'`, `'{"order":"${STRANGE_NUMBER}"}'`).replace(
          'SELECT type',
          `SELECT 'accrual_started'`,
        ),
        'event-without-order',
      ],
      [
        'an answer that was never recorded',
        remove(`${isOfOrder} = 'accrual_finished'`),
        'event-of-order',
      ],
      ['an answer twice', copy(`${isOfOrder} = 'accrual_finished'`), 'event-of-order'],
      [
        'another status in the journal',
        replace('PROCESSED', 'INVALID', `${isOfOrder} = 'order_updated'`),
        'event-of-order',
      ],
      [
        'another accrual in the journal',
        replace('"accrual":"', '"accrual":"1', `${isOfOrder} = 'order_updated'`),
        'event-of-order',
      ],
      [
        'an order of another user in the journal',
        change(`subject = '${sample.account(a + 1)}'`, `${isOfOrder} ${isOrders}`),
        'event-of-order',
      ],
      [
        'an event of an order that nobody uploaded',
        copy(`${isOfOrder} = 'order_created'`, `replace(data, '${number}', '${STRANGE_NUMBER}')`),
        'event-without-order',
      ],
      ['an entry without event', remove(isOfEntry), 'entry-without-event'],
      ['an entry with two events', copy(isOfEntry), 'event-twice'],
      [
        'another amount in the journal',
        replace('"amount":"', '"amount":"9', isOfEntry),
        'event-of-entry',
      ],
      [
        'another balance in the journal',
        replace('"balance":"', '"balance":"9', isOfEntry),
        'event-of-entry',
      ],
      [
        'another revision of an entry',
        change('revision = revision + 1', isOfEntry),
        'entry-without-event',
        'event-of-entry',
        'event-twice',
      ],
      [
        'an event of an entry that is not there',
        copy(isOfEntry).replace('SELECT type, subject, revision', 'SELECT type, subject, 99'),
        'event-without-entry',
      ],
      [
        'a user without event',
        remove(`subject = '${id}' AND type = 'user_registered'`),
        'user-without-event',
      ],
      [
        'a user who was forgotten and is there',
        copy(`subject = '${id}' AND type = 'user_registered'`).replace(
          'SELECT type',
          `SELECT 'user_forgotten'`,
        ),
        'user-without-event',
      ],
      [
        'an event of a user who never registered',
        copy(`subject = '${id}' AND type = 'user_registered'`).replace(
          'SELECT type, subject',
          `SELECT type, '${entry}'`,
        ),
        'event-without-user',
      ],
    ],
  );
}
