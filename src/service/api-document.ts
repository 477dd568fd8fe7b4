import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { withBodyContents } from '../platform/http/openapi.js';
import { TOKEN_COOKIE } from '../auth/index.js';

const DESCRIPTION = `
Customers register, upload the numbers of paid orders, earn points for them, and spend points on \
later orders. 1 point = 1 rouble.

Try it: **register**, copy the \`Authorization\` header of the reply into **Authorize** (without \
\`Bearer\`), then upload an order number. The cookie that comes with the reply is sent by itself.

Errors are \`{"code", "message", "error", "detail"}\`: \`error\` is for programs, \`detail\` says \
what is wrong (a 5xx has none), and \`message\` is in English with \`Accept-Language: en\`. What is \
no HTTP/1.1 request is ErrBadRequest everywhere.
`;

/** The URLs of Swagger's own routes, which everybody may read. */
export function isApiDocument(url: string): boolean {
  return /^\/docs(-json|-yaml|\/.*)?$/.test(url);
}

/**
 * Serves Swagger UI at `/docs` and the OpenAPI document at `/docs-json`; all from this process, so
 * it works offline.
 */
export function serveApiDocument(app: INestApplication): void {
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
  SwaggerModule.setup(
    'docs',
    app,
    () => withBodyContents(SwaggerModule.createDocument(app, document)),
    {
      jsonDocumentUrl: 'docs-json',
      yamlDocumentUrl: 'docs-yaml',
      customSiteTitle: 'Gophermart API',
      swaggerOptions: {
        persistAuthorization: true,
        displayRequestDuration: true,
        tryItOutEnabled: true,
      },
    },
  );
}
