/**
 * `npm run client [-- folder]`: prepares the clone, then generates `src` from the OpenAPI document;
 * or the same in another folder.
 */
import { fileURLToPath } from 'node:url';
import { prepare } from '../../scripts/prepare/prepare.mjs';

const [folder = fileURLToPath(new URL('src', import.meta.url))] = process.argv.slice(2);

await prepare({ forTests: true });
const { createClient } = await import('@hey-api/openapi-ts');
await createClient({
  input: await apiDocument(),
  output: {
    path: folder,
    header: ['// Generated from the OpenAPI document by `npm run client`: do not edit.'],
    // Node's resolution wants it, and bundlers take it.
    module: { extension: '.js' },
  },
  parser: {
    filters: {
      preserveOrder: true,
      // Shops neither watch the service nor restart it.
      tags: { exclude: ['operations'] },
    },
  },
  plugins: [
    // `client` is for programs that speak for one customer.
    { name: '@hey-api/client-fetch', includeInEntry: true },
    '@hey-api/typescript',
    '@hey-api/sdk',
  ],
  logs: { file: false },
});

/** The document of a service by default, whatever is configured here. */
async function apiDocument() {
  const { NestFactory } = await import('@nestjs/core');
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  const { AppModule } = await import('../../dist/src/app.module.js');
  const { readConfig } = await import('../../dist/src/config/read-config.js');
  const { resolveConfig } = await import('../../dist/src/config/settings.js');
  const { apiDocumentOf } = await import('../../dist/src/service/http/api-document.js');
  const nowhere = { databaseUri: 'postgres://nowhere', accrualAddress: '', jwtSecret: '' };
  const app = await NestFactory.create(
    AppModule.forRoot(resolveConfig(readConfig({ env: {} }), nowhere)),
    new FastifyAdapter(),
    // A preview makes no provider: nobody calls there.
    { preview: true, logger: false, abortOnError: false },
  );
  return apiDocumentOf(app);
}
