import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { TOKEN_COOKIE } from '../../auth/http/index.js';
import { GROUPS, withNotes } from '../../platform/http/openapi.js';
import '../../platform/observability/endpoints.api.js';
import type { Listeners } from './listeners.js';

const DESCRIPTION = `
Customers of a shop upload the numbers of orders they have paid, earn points for them, and spend \
points on later orders. 1 point = 1 rouble.

1. **Register.** The reply signs you in.
2. **Upload** the number of a paid order. While the bundled simulator runs, \`GET /sandbox/order\` \
gives numbers that earn points.
3. **Watch** its status become PROCESSED, and the points arrive: a second, with the simulator.
4. **Spend** points on a new order.

Errors are \`{"code", "message", "error", "detail"}\`. \`error\` is for programs. \`detail\` says \
what is wrong; a 5xx has none. \`message\` is in English with \`Accept-Language: en\`. What is no \
HTTP/1.1 request is ErrBadRequest everywhere. Every reply has an \`X-Request-Id\`, which is in the \
log, too.
`.trim();

const TOKEN = `
The token: the header \`Authorization\` of the reply to a registration or log-in, with or without \
\`Bearer\`. On the page \`/docs\` those calls fill it in by themselves.
`.trim();

/** The OpenAPI document of the controllers that the process has; the same at every call. */
export function apiDocumentOf(app: INestApplication): OpenAPIObject {
  const frame = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Gophermart')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/')
    .addBearerAuth({ type: 'http', description: TOKEN })
    .addCookieAuth(TOKEN_COOKIE, { type: 'apiKey', description: 'The same token, for browsers.' });
  for (const [group, what] of Object.entries(GROUPS)) frame.addTag(group, what);
  return withNotes(SwaggerModule.createDocument(app, frame.build(), { autoTagControllers: false }));
}

/**
 * Serves the OpenAPI document at `/docs-json` and `/docs-yaml`. Where it has an address of its own,
 * it names that of the API.
 */
export function serveApiDocument(app: INestApplication, listeners: Listeners): void {
  const hasOwnAddress = listeners.own.some(([name]) => name === 'docs');
  SwaggerModule.setup('docs', app, () => apiDocumentOf(app), {
    ui: false,
    ...(hasOwnAddress && {
      patchDocumentOnRequest: (request, _reply, document) =>
        withServer(document, request, listeners),
    }),
  });
}

function withServer(
  document: OpenAPIObject,
  request: unknown,
  listeners: Listeners,
): OpenAPIObject {
  const url = listeners.urlOf('api', request as FastifyRequest);
  return url === undefined ? document : { ...document, servers: [{ url }] };
}
