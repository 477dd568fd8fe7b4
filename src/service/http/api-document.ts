import { randomInt } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { TOKEN_COOKIE } from '../../auth/index.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { withBodyContents } from '../../platform/http/openapi.js';
import type { Listeners } from './listeners.js';

const DESCRIPTION = `
Customers register, upload the numbers of paid orders, earn points for them, and spend points on \
later orders. 1 point = 1 rouble.

Try it: **register**, then upload an order number, and spend some of its points. The examples are \
yours alone: whoever loads this page gets others. A browser sends the cookie that comes with the \
reply by itself; where it does not, copy the \`Authorization\` header of the reply into \
**Authorize**, without \`Bearer\`.

Errors are \`{"code", "message", "error", "detail"}\`. \`error\` is for programs. \`detail\` says \
what is wrong; a 5xx has none. \`message\` is in English with \`Accept-Language: en\`. What is no \
HTTP/1.1 request is ErrBadRequest everywhere.
`;

/**
 * A login is free once, and an order number has one owner: with the same examples for everybody
 * only the first reader would see them work.
 */
function withExamplesOfItsOwn(document: Readonly<OpenAPIObject>): OpenAPIObject {
  const orderNumber = (): string => OrderNumber.withCheckDigit(`${randomInt(1e13, 1e14)}`).value;
  const drawn: Readonly<Record<string, string>> = {
    gopher: `gopher-${randomInt(1e9)}`,
    '12345678903': orderNumber(),
    '2377225624': orderNumber(),
  };
  return JSON.parse(JSON.stringify(document), (key, value: unknown) =>
    key === 'example' && typeof value === 'string' ? (drawn[value] ?? value) : value,
  ) as OpenAPIObject;
}

/**
 * Serves Swagger UI at `/docs` and the OpenAPI document at `/docs-json`; all from this process, so
 * it works offline. Where they have an address of their own, the document names that of the API.
 */
export function serveApiDocument(app: INestApplication, listeners: Listeners): void {
  const document = new DocumentBuilder()
    .setTitle('Gophermart')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addTag('user', 'register and sign in')
    .addTag('orders', 'upload order numbers and see what became of them')
    .addTag('account', 'points: earned, spent, and left')
    .addTag('operations', 'for whoever runs the service')
    .addBearerAuth()
    .addCookieAuth(TOKEN_COOKIE)
    .build();
  const hasOwnAddress = listeners.own.some(([name]) => name === 'docs');
  SwaggerModule.setup(
    'docs',
    app,
    () => withBodyContents(SwaggerModule.createDocument(app, document)),
    {
      jsonDocumentUrl: 'docs-json',
      yamlDocumentUrl: 'docs-yaml',
      customSiteTitle: 'Gophermart API',
      patchDocumentOnRequest: (request, _reply, built) => {
        const own = withExamplesOfItsOwn(built);
        return hasOwnAddress ? withServer(own, request, listeners) : own;
      },
      swaggerOptions: {
        // A token that the page kept would outlive its tab.
        persistAuthorization: false,
        displayRequestDuration: true,
        tryItOutEnabled: true,
      },
    },
  );
}

function withServer(
  document: OpenAPIObject,
  request: unknown,
  listeners: Listeners,
): OpenAPIObject {
  const url = listeners.urlOf('api', request as FastifyRequest);
  return url === undefined ? document : { ...document, servers: [{ url }] };
}
