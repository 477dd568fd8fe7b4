import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const PAGE = readFileSync('docs/operations.md', 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

interface Dashboard {
  readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
}

const alerts = (parse(readFileSync('ops/prometheus/rules.yml', 'utf8')) as Rules).groups.flatMap(
  ({ rules }) => rules,
);
const panels = (JSON.parse(readFileSync('ops/grafana/dashboard.json', 'utf8')) as Dashboard).panels;
const expressions = [
  ...alerts.map(({ expr }) => expr),
  ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
];

/** Of Prometheus itself, and of its client for Node. */
const OTHERS = /^(up|process_cpu_seconds_total|process_resident_memory_bytes|nodejs_\w+)$/;

/** What an expression reads: a word that is no function, no label, no operator and no text. */
function metricsOf(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replace(/\bby \([^)]*\)/g, '');
  return [...bare.matchAll(/\b[a-z]\w*\b(?! *\()/g)]
    .map(([word]) => word)
    .filter((word) => !/^(or|and|unless|by|le)$/.test(word));
}

describe('ops', () => {
  it('asks only for metrics that docs/operations.md lists', () => {
    const listed = new Set([...PAGE.matchAll(/^\| `([a-z_]+)`/gm)].map(([, name]) => name));
    const asked = [...new Set(expressions.flatMap(metricsOf))];
    expect(asked.length).toBeGreaterThan(25);
    const unknown = asked.filter(
      (name) =>
        !OTHERS.test(name) &&
        !listed.has(name.replace(/_(bucket|sum|count)$/, '')) &&
        !listed.has(name),
    );
    expect(unknown).toEqual([]);
  });

  it('has a section of the runbook for each alert, and a test', () => {
    const names = alerts.map(({ alert }) => alert);
    const runbook = readFileSync('docs/runbook.md', 'utf8');
    expect([...runbook.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)).toEqual(names);
    expect(alerts.map(({ annotations }) => annotations['runbook'])).toEqual(
      names.map((name) => `docs/runbook.md#${name.toLowerCase()}`),
    );
    const tests = readFileSync('ops/prometheus/rules.test.yml', 'utf8');
    for (const name of names)
      expect([
        name,
        new RegExp(`alertname: ${name}\n +eval_time: \\w+\n +exp_alerts:`).test(tests),
      ]).toEqual([name, true]);
  });
});
