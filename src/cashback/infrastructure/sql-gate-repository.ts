import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { GateRepository } from '../application/ports.js';
import { AccrualGate } from '../domain/accrual-gate.js';

interface GateRow {
  readonly now: Date;
  readonly paused_until: Date | null;
  readonly breaker_open: boolean;
  readonly next_probe_at: Date | null;
  readonly rate_per_minute: number | null;
  readonly rate_changed_at: Date | null;
  readonly permits: number;
  readonly refilled_at: Date | null;
  readonly held_since: Date | null;
  readonly unanswered_since: Date | null;
  readonly unanswered_reason: string | null;
  readonly saved_at: Date | null;
}

const READ = `
  SELECT clock_timestamp() AS now, paused_until, breaker_open, next_probe_at, rate_per_minute,
    rate_changed_at, permits, refilled_at, held_since, unanswered_since, unanswered_reason, saved_at
  FROM gophermart.accrual_gate`;

@Injectable()
export class SqlGateRepository extends GateRepository {
  constructor(private readonly database: PgUnitOfWork) {
    super();
  }

  async read(): Promise<AccrualGate> {
    return restore(await this.database.query<GateRow>(READ));
  }

  async lock(transaction: Transaction): Promise<AccrualGate> {
    return restore(await pgOf(transaction).query<GateRow>(`${READ} FOR UPDATE`));
  }

  save(transaction: Transaction, gate: AccrualGate): void {
    const {
      pausedUntil,
      breakerOpen,
      nextProbeAt,
      ratePerMinute,
      rateChangedAt,
      permits,
      refilledAt,
      pausedByOperatorSince,
      unansweredSince,
      unansweredReason,
    } = gate.snapshot();
    pgOf(transaction).sendWithNext(
      `UPDATE gophermart.accrual_gate
       SET paused_until = $1, breaker_open = $2, next_probe_at = $3, rate_per_minute = $4,
         rate_changed_at = $5, permits = $6, refilled_at = $7, held_since = $8,
         unanswered_since = $9, unanswered_reason = $10, saved_at = clock_timestamp()`,
      [
        date(pausedUntil),
        breakerOpen,
        date(nextProbeAt),
        ratePerMinute ?? null,
        date(rateChangedAt),
        permits,
        date(refilledAt),
        date(pausedByOperatorSince),
        date(unansweredSince),
        unansweredReason ?? null,
      ],
    );
  }
}

function restore({ rows: [row] }: { readonly rows: readonly GateRow[] }): AccrualGate {
  if (!row) throw new Error('the row of gophermart.accrual_gate is missing');
  const snapshot = {
    pausedUntil: row.paused_until?.getTime(),
    breakerOpen: row.breaker_open,
    nextProbeAt: row.next_probe_at?.getTime(),
    ratePerMinute: row.rate_per_minute ?? undefined,
    rateChangedAt: row.rate_changed_at?.getTime(),
    permits: row.permits,
    refilledAt: row.refilled_at?.getTime(),
    pausedByOperatorSince: row.held_since?.getTime(),
    unansweredSince: row.unanswered_since?.getTime(),
    unansweredReason: row.unanswered_reason ?? undefined,
    savedAt: row.saved_at?.getTime(),
  };
  return AccrualGate.restore(snapshot, row.now.getTime());
}

function date(ms: number | undefined): Date | null {
  return ms === undefined ? null : new Date(ms);
}
