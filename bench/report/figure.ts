import { median } from '../measure/statistics.js';

/** What a figure should reach. */
export interface Goal {
  readonly bound: 'at least' | 'at most';
  readonly value: number;
}

/** One number of a run, of all its rounds together: the median, and how far they went. */
export interface Figure {
  /** The same in every run: it is what runs are compared by. */
  readonly name: string;
  readonly unit: '' | '/s' | 'ms' | 'MB' | '% of a core';
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
  return {
    name,
    unit,
    value: median(values),
    lowest: Math.min(...values),
    highest: Math.max(...values),
    ...(goal && { goal }),
  };
}

/** Undefined where there is no goal; what could not be measured is not met. */
export function isMet({ value, goal }: Figure): boolean | undefined {
  if (!goal) return undefined;
  return goal.bound === 'at least' ? value >= goal.value : value <= goal.value;
}
