import { Injectable } from '@nestjs/common';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import {
  type ParkedEvent,
  type Progress,
  ReadModel,
  type ReceivedEvent,
  type ReceivedSpan,
  type RefusedEvent,
} from '../application/ports.js';
import {
  type EntryFact,
  type Fact,
  latestOrders,
  type OrderFact,
  type RecountFact,
} from '../domain/fact.js';
import { ReadModelDatabase } from './read-model-database.js';

/**
 * Sorted, so that two processes lock rows in one order. An event that comes again changes nothing;
 * with the same revision it mends a row that somebody has changed.
 */
const STORE_ORDERS = `
  INSERT INTO gophermart_query.orders AS o
    (num, user_id, revision, status, accrual, uploaded_at, created, processing_at, finished_at,
      processing_since)
  SELECT *, CASE status WHEN 'PROCESSING' THEN clock_timestamp() END
  FROM UNNEST($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::numeric[], $6::timestamptz[],
    $7::bigint[], $8::timestamptz[], $9::timestamptz[]) AS fact (num, user_id, revision, status,
    accrual, uploaded_at, created, processing_at, finished_at)
  ORDER BY num
  ON CONFLICT (num) DO UPDATE SET
    user_id = excluded.user_id,
    revision = greatest(o.revision, excluded.revision),
    status = CASE WHEN excluded.revision >= o.revision THEN excluded.status ELSE o.status END,
    accrual = CASE WHEN excluded.revision >= o.revision THEN excluded.accrual ELSE o.accrual END,
    uploaded_at = coalesce(excluded.uploaded_at, o.uploaded_at),
    created = coalesce(excluded.created, o.created),
    processing_at = coalesce(excluded.processing_at, o.processing_at),
    finished_at = coalesce(excluded.finished_at, o.finished_at),
    processing_since = coalesce(o.processing_since, excluded.processing_since),
    changed_at = CASE WHEN excluded.revision > o.revision AND excluded.status <> o.status
      THEN clock_timestamp() ELSE o.changed_at END
  WHERE (excluded.revision >= o.revision
      AND (o.user_id, o.revision, o.status, o.accrual) IS DISTINCT FROM
        (excluded.user_id, excluded.revision, excluded.status, excluded.accrual))
    OR (excluded.created IS NOT NULL
      AND (o.uploaded_at, o.created) IS DISTINCT FROM (excluded.uploaded_at, excluded.created))
    OR excluded.processing_at <> coalesce(o.processing_at, 'infinity')
    OR excluded.finished_at <> coalesce(o.finished_at, 'infinity')`;

const STORE_ENTRIES = `
  INSERT INTO gophermart_query.entries AS e
    (user_id, revision, kind, num, amount, balance, withdrawn, at, id, reason, position)
  SELECT DISTINCT ON (user_id, revision) *
  FROM UNNEST($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::numeric[], $6::numeric[],
    $7::numeric[], $8::timestamptz[], $9::uuid[], $10::text[], $11::bigint[]) AS fact (user_id,
    revision, kind, num, amount, balance, withdrawn, at, id, reason, position)
  ORDER BY user_id, revision
  ON CONFLICT (user_id, revision) DO UPDATE SET
    kind = excluded.kind, num = excluded.num, amount = excluded.amount,
    balance = excluded.balance, withdrawn = excluded.withdrawn, at = excluded.at,
    id = excluded.id, reason = excluded.reason, position = excluded.position
  WHERE e IS DISTINCT FROM excluded`;

const STORE_RECOUNTS = `
  INSERT INTO gophermart_query.recounts AS r (user_id, position, balance, withdrawn)
  SELECT DISTINCT ON (user_id) *
  FROM UNNEST($1::uuid[], $2::bigint[], $3::numeric[], $4::numeric[])
    AS fact (user_id, position, balance, withdrawn)
  ORDER BY user_id, position DESC
  ON CONFLICT (user_id) DO UPDATE SET
    position = excluded.position, balance = excluded.balance, withdrawn = excluded.withdrawn
  WHERE excluded.position >= r.position AND r IS DISTINCT FROM excluded`;

const PROGRESS = `
  SELECT next, is_caught_up AS "isCaughtUp" FROM gophermart_query.progress`;

const LOCK_PROGRESS = `${PROGRESS} FOR UPDATE`;

const SAVE_PROGRESS = `
  UPDATE gophermart_query.progress SET next = $1, is_caught_up = $2
  WHERE (next, is_caught_up) IS DISTINCT FROM ($1, $2)`;

const PARK = `
  INSERT INTO gophermart_query.parked_events (position, type, event, reason)
  SELECT position, type, event, left(reason, 500)
  FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::text[]) AS p (position, type, event, reason)
  ON CONFLICT DO NOTHING`;

const TO_RETRY = `
  SELECT id, position, type, event FROM gophermart_query.parked_events
  WHERE retry ORDER BY id LIMIT $1`;

const REFUSED_AGAIN = `
  UPDATE gophermart_query.parked_events e SET retry = false, reason = left(p.reason, 500)
  FROM UNNEST($1::bigint[], $2::text[]) AS p (id, reason) WHERE e.id = p.id`;

const UNPARK = 'DELETE FROM gophermart_query.parked_events WHERE id = ANY($1::bigint[])';

interface ParkedRow {
  readonly id: string;
  readonly position: string | null;
  readonly type: string;
  /** JSON text. */
  readonly event: string;
}

interface ProgressRow {
  readonly next: string;
  readonly isCaughtUp: boolean;
}

@Injectable()
export class SqlReadModel extends ReadModel {
  constructor(private readonly database: ReadModelDatabase) {
    super();
  }

  async store(facts: readonly Fact[]): Promise<void> {
    const orders = latestOrders(facts.flatMap((each) => ('order' in each ? [each.order] : [])));
    const entries = facts.flatMap((each) => ('entry' in each ? [each.entry] : []));
    const recounts = facts.flatMap((each) => ('recount' in each ? [each.recount] : []));
    await this.database.run((transaction) => {
      const database = pgOf(transaction);
      if (orders.length > 0) database.sendWithNext(STORE_ORDERS, orderColumns(orders));
      if (entries.length > 0) database.sendWithNext(STORE_ENTRIES, entryColumns(entries));
      if (recounts.length > 0) database.sendWithNext(STORE_RECOUNTS, recountColumns(recounts));
      return Promise.resolve();
    });
  }

  reach(spans: readonly ReceivedSpan[]): Promise<Progress> {
    return this.database.run(async (transaction) => {
      const { rows } = await pgOf(transaction).query<ProgressRow>(LOCK_PROGRESS);
      const progress = spans.reduce(reached, progressOf(rows));
      pgOf(transaction).sendWithNext(SAVE_PROGRESS, [String(progress.next), progress.isCaughtUp]);
      return progress;
    });
  }

  async progress(): Promise<Progress> {
    return progressOf((await this.database.query<ProgressRow>(PROGRESS)).rows);
  }

  async park(refused: readonly RefusedEvent[]): Promise<void> {
    await this.database.query(PARK, [
      refused.map(({ event }) => event.position ?? null),
      refused.map(({ event }) => event.type),
      refused.map(({ event }) => JSON.stringify(event.content)),
      refused.map(({ reason }) => reason),
    ]);
  }

  async parked(): Promise<number> {
    const { rows } = await this.database.query<{ count: string }>(
      'SELECT count(*) FROM gophermart_query.parked_events',
    );
    return Number(rows[0]?.count);
  }

  async toRetry(limit: number): Promise<readonly ParkedEvent[]> {
    const { rows } = await this.database.query<ParkedRow>(TO_RETRY, [limit]);
    return rows.map(({ position, event, ...row }) => ({
      ...row,
      position: position ?? undefined,
      content: JSON.parse(event) as unknown,
    }));
  }

  async retried(events: readonly ParkedEvent[], refused: readonly RefusedEvent[]): Promise<void> {
    const reasons = new Map<ReceivedEvent, string>(
      refused.map((each) => [each.event, each.reason]),
    );
    const again = events.filter((event) => reasons.has(event));
    const stored = events.filter((event) => !reasons.has(event));
    await this.database.run((transaction) => {
      const database = pgOf(transaction);
      database.sendWithNext(REFUSED_AGAIN, [
        again.map(({ id }) => id),
        again.map((event) => reasons.get(event)),
      ]);
      database.sendWithNext(UNPARK, [stored.map(({ id }) => id)]);
      return Promise.resolve();
    });
  }
}

/** A span that begins above what is there leaves a gap: only one that closes it counts again. */
function reached({ next, isCaughtUp }: Progress, { from, to, isEnd }: ReceivedSpan): Progress {
  if (from > next) return { next, isCaughtUp: false };
  return { next: to >= next ? to + 1n : next, isCaughtUp: isCaughtUp || isEnd };
}

function progressOf([row]: readonly ProgressRow[]): Progress {
  if (!row) throw new Error('the read model has no row that says how far it has got');
  return { next: BigInt(row.next), isCaughtUp: row.isCaughtUp };
}

function orderColumns(orders: readonly OrderFact[]): unknown[] {
  return [
    orders.map(({ number }) => number),
    orders.map(({ userId }) => userId),
    orders.map(({ revision }) => revision),
    orders.map(({ status }) => status),
    orders.map(({ accrual }) => accrual ?? null),
    orders.map(({ uploadedAt }) => uploadedAt ?? null),
    orders.map(({ created }) => created ?? null),
    orders.map(({ processingAt }) => processingAt ?? null),
    orders.map(({ finishedAt }) => finishedAt ?? null),
  ];
}

function entryColumns(entries: readonly EntryFact[]): unknown[] {
  return [
    entries.map(({ userId }) => userId),
    entries.map(({ revision }) => revision),
    entries.map(({ kind }) => kind),
    entries.map(({ number }) => number ?? null),
    entries.map(({ amount }) => amount),
    entries.map(({ balance }) => balance),
    entries.map(({ withdrawn }) => withdrawn),
    entries.map(({ at }) => at),
    entries.map(({ id }) => id),
    entries.map(({ reason }) => reason ?? null),
    entries.map(({ position }) => position),
  ];
}

function recountColumns(recounts: readonly RecountFact[]): unknown[] {
  return [
    recounts.map(({ userId }) => userId),
    recounts.map(({ position }) => position),
    recounts.map(({ balance }) => balance),
    recounts.map(({ withdrawn }) => withdrawn),
  ];
}
