import { readFileSync } from 'node:fs';
import ts from 'typescript';

/**
 * What the tests of a file may be called in full: a pattern for each `it`, read from the source,
 * without running anything.
 *
 * `${Order.name}` and `describe(Order.name` are the class's name, by which classes keep it; what a
 * table fills in may be anything.
 */
export function testTitles(file: string): RegExp[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const titles: RegExp[] = [];
  const visit = (node: ts.Node, outer: string): void => {
    const call = ts.isCallExpression(node) ? titled(node) : undefined;
    if (call?.kind === 'it') titles.push(new RegExp(`^${outer}${call.pattern}$`, 's'));
    const inner = call?.kind === 'describe' ? `${outer}${call.pattern} ` : outer;
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(source, '');
  return titles;
}

/** `it('…', …)`, `describe.each(table)('…', …)` and their like. */
function titled({
  expression,
  arguments: [title],
}: ts.CallExpression): { kind: string; pattern: string } | undefined {
  const kind = /^(describe|it)(\.each\b|$)/.exec(expression.getText())?.[1];
  const isTable = ts.isPropertyAccessExpression(expression);
  return kind && title && !isTable ? { kind, pattern: patternOf(title) } : undefined;
}

function patternOf(title: ts.Expression): string {
  if (ts.isStringLiteralLike(title)) return escape(title.text);
  if (ts.isIdentifier(title)) return escape(title.text);
  if (ts.isPropertyAccessExpression(title) && title.name.text === 'name')
    return patternOf(title.expression);
  if (!ts.isTemplateExpression(title)) return '.*';
  return [
    escape(title.head.text),
    ...title.templateSpans.map(
      ({ expression, literal }) => `${patternOf(expression)}${escape(literal.text)}`,
    ),
  ].join('');
}

/** Text for a regular expression, with `%s`, `$column` and their like for anything. */
function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%[sdifjop#%]|\\\$[\w.]+/g, '.*');
}
