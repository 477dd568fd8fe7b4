import { median } from '../../test/support/processes/histogram.js';
import type { Round } from '../rounds.js';

/** What a figure should reach. */
export interface Goal {
  readonly bound: 'at least' | 'at most';
  readonly value: number;
}

/** One number of a run, of all its rounds together: the median, and how far they went. */
export interface Figure {
  /** The same in every run: runs are compared by it. */
  readonly name: string;
  readonly unit: '' | '/s' | 'ms' | 'µs' | 'MB';
  readonly value: number;
  readonly lowest: number;
  readonly highest: number;
  readonly goal?: Goal;
}

export const atLeast = (value: number): Goal => ({ bound: 'at least', value });
export const atMost = (value: number): Goal => ({ bound: 'at most', value });

export function figure(
  name: string,
  values: readonly number[],
  goal?: Goal,
  unit: Figure['unit'] = '',
): Figure {
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  return { name, unit, value: median(values), lowest, highest, ...(goal && { goal }) };
}

/** Undefined where there is no goal; what could not be measured is not met. */
export function isMet({ value, goal }: Figure): boolean | undefined {
  if (!goal) return undefined;
  return goal.bound === 'at least' ? value >= goal.value : value <= goal.value;
}

export function perSecond(rounds: readonly Round[]): number[] {
  return rounds.map((round) => round.perSecond);
}

/** The i-th of one list by the i-th of the other: both were measured within seconds. */
export function ratios(numerators: readonly number[], denominators: readonly number[]): number[] {
  return numerators.map((numerator, i) => numerator / (denominators[i] ?? NaN));
}

/** Turn by turn. */
export function rate(rounds: readonly Round[], others: readonly Round[]): number[] {
  return ratios(perSecond(rounds), perSecond(others));
}

/** The slowest wait no longer than this many times what half of all wait. */
const TAIL = 6;

export function tail(call: string, rounds: readonly Round[]): Figure {
  const values = rounds.map(({ p99Ms, p50Ms }) => p99Ms / p50Ms);
  return figure(`${call}: p99 / p50`, values, atMost(TAIL));
}

/** To three digits, as far as a benchmark can be believed: 0.523, 4.17, 15 300. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) < 10) return withoutZeros(value.toPrecision(3));
  if (Math.abs(value) < 100) return withoutZeros(value.toFixed(1));
  const magnitude = 10 ** Math.max(0, Math.floor(Math.log10(Math.abs(value))) - 2);
  return String(Math.round(value / magnitude) * magnitude).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

/** As in `1.02 (0.97 – 1.05)`. */
export function spread(values: readonly number[]): string {
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  return values.length === 1
    ? number(lowest)
    : `${number(median(values))} (${number(lowest)} – ${number(highest)})`;
}

function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
