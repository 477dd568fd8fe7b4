import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

// Not by an import, which would load the library into this process.
const LIBRARY = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const OWN = fileURLToPath(new URL('assets', import.meta.url));

/** All that the page loads, besides the document. */
const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': LIBRARY,
  'swagger-ui-bundle.js': LIBRARY,
  'explorer.css': OWN,
  'explorer.mjs': OWN,
  'coin.svg': OWN,
};

/**
 * Serves Swagger UI at `/docs`, in a page of our own: that of @nestjs/swagger has no viewport for
 * phones, and is made from the document, which would be sent twice (ADR 0050).
 */
export async function serveExplorer(server: FastifyInstance): Promise<void> {
  await server.register(fastifyStatic, { root: OWN, serve: false });
  for (const path of ['/docs', '/docs/', '/docs/index.html'])
    server.get(path, (_request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .send(explorerPage(path === '/docs' ? './docs/' : './')),
    );
  for (const [file, folder] of Object.entries(FILES))
    server.get(`/docs/${file}`, (_request, reply) => reply.sendFile(file, folder));
}

/** @param base is where its files are, seen from the page: a proxy may have put a path before. */
function explorerPage(base: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Gophermart API</title>
<link rel="icon" type="image/svg+xml" href="${base}coin.svg">
<link rel="stylesheet" href="${base}swagger-ui.css">
<link rel="stylesheet" href="${base}explorer.css">
</head>
<body>
<header>
<a href="${base}.."><img src="${base}coin.svg" alt="" width="28" height="28">Gophermart</a>
<a href="${base}../docs-json">OpenAPI document</a>
</header>
<main id="explorer">
<noscript>
<p>This page needs scripts, the <a href="${base}../docs-json">OpenAPI document</a> does not.</p>
</noscript>
</main>
<script src="${base}swagger-ui-bundle.js"></script>
<script type="module" src="${base}explorer.mjs"></script>
</body>
</html>
`;
}
