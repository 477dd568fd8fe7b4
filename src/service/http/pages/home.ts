import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Readiness } from '../../../platform/observability/readiness.js';
import { numberFrom, type Step, stepsToTry } from '../../welcome.js';
import { HOME, type Listeners } from '../listeners.js';

const LINKS = [
  ['docs', '/docs', 'Try the API', 'every call, filled in and ready to send'],
  ['docs', '/docs-json', 'OpenAPI', 'the same as a document'],
  ['api', '/health/ready', 'Health', 'whether this replica wants traffic'],
  ['metrics', '/metrics', 'Metrics', 'figures for Prometheus'],
] as const;

const [STYLE, COIN] = ['home.css', 'coin.svg'].map((file) =>
  readFileSync(new URL(`assets/${file}`, import.meta.url), 'utf8').trim(),
) as [string, string];

/** Valid by Luhn. Somebody may have uploaded it, so it stands for one of the reader's. */
const SOME_NUMBER = '12345678903';

const FRESH_NUMBERS = 'The bundled simulator gives out order numbers that earn points.';
const OWN_NUMBER = `Put an order number of your shop in place of <code>${SOME_NUMBER}</code>.`;

/** What the page tells of the service. */
interface Home {
  /** What cannot be used now; empty: the service is ready. */
  readonly away: readonly string[];
  readonly links: readonly { readonly url: string; readonly name: string; readonly what: string }[];
  readonly steps: readonly Step[];
  /** Whether order numbers that earn points are given out. */
  readonly hasSandbox: boolean;
}

/** Serves a page that leads on to what the service offers, wherever that is. */
export function serveHome(
  server: FastifyInstance,
  listeners: Listeners,
  readiness: Readiness,
  hasSandbox: boolean,
): void {
  server.get(HOME, { config: { isPublic: true } }, async (request, reply) => {
    const home = {
      away: await whatIsAway(readiness),
      links: linksFor(listeners, request),
      steps: stepsFor(listeners.urlOf('api', request), hasSandbox),
      hasSandbox,
    };
    return reply.type('text/html; charset=utf-8').send(homePage(home));
  });
}

async function whatIsAway(readiness: Readiness): Promise<string[]> {
  const needs = await Promise.all(
    readiness.needs.map(async (need) => ((await readiness.obstacleOf(need)) ? [need] : [])),
  );
  return [...(readiness.isStopping ? ['it is stopping'] : []), ...needs.flat()];
}

function linksFor(listeners: Listeners, request: FastifyRequest): Home['links'] {
  return LINKS.flatMap(([owner, path, name, what]) => {
    const base = listeners.urlOf(owner, request);
    return base === undefined ? [] : [{ url: `${base}${path}`, name, what }];
  });
}

function stepsFor(base: string | undefined, hasSandbox: boolean): readonly Step[] {
  if (base === undefined) return [];
  return stepsToTry(base, hasSandbox ? numberFrom(`${base}/sandbox/order`) : SOME_NUMBER);
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (each) => ESCAPED[each] ?? each);
}

/** Works without scripts, and loads nothing. */
function homePage({ away, links, steps, hasSandbox }: Home): string {
  const health =
    away.length === 0
      ? '<p class="ready" role="status">Ready</p>'
      : `<p class="away" role="status">Not ready: ${escaped(away.join(', '))}</p>`;
  const places = links.map(
    ({ url, name, what }) =>
      `<a href="${escaped(url)}"><strong>${name}</strong><span>${what}</span></a>`,
  );
  const commands = steps.map(
    ({ what, command }) =>
      `<li><h3>${escaped(what)}</h3><pre tabindex="0"><code>${escaped(command)}</code></pre></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Gophermart</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(COIN)}">
<style>
${STYLE}
</style>
</head>
<body>
<main>
<header>
${COIN}
<h1>Gophermart</h1>
${health}
</header>
<p class="lead">The loyalty points of a shop. Customers upload the numbers of orders they have paid,
earn points for them, and spend points on later orders. 1&nbsp;point =&nbsp;1&nbsp;rouble.</p>
<nav>
${places.join('\n')}
</nav>
<h2>Three commands to try</h2>
<p>In a terminal, as often as you like: each time somebody new registers.
${hasSandbox ? FRESH_NUMBERS : OWN_NUMBER}</p>
<ol>
${commands.join('\n')}
</ol>
</main>
</body>
</html>
`;
}
