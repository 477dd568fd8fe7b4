import type { ModuleMetadata } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { API_ERRORS } from '../../api-errors.js';
import { Authentication, KnownUserFilter } from '../../auth/http/index.js';
import { KnownUsers } from '../../auth/index.js';
import { ErrorFilter } from '../../platform/http/error-filter.js';
import { Readiness } from '../../platform/observability/readiness.js';
import { serveApiDocument } from './api-document.js';
import { protectPages } from './browsers.js';
import { isApiDocument, type Listeners } from './listeners.js';
import { serveExplorer } from './pages/explorer.js';
import { serveHome } from './pages/home.js';
import { Sandbox, SandboxController } from './sandbox.js';

// What portals have besides the modules of their role. No other process loads it.

/** What the module has that gives numbers of orders away. */
export function withSandbox(sandbox: Sandbox): ModuleMetadata {
  return {
    controllers: [SandboxController],
    providers: [{ provide: Sandbox, useValue: sandbox }],
  };
}

/** Closes routes to strangers, and serves pages and documents. */
export async function openPortal(
  app: NestFastifyApplication,
  listeners: Listeners,
  hasSandbox: boolean,
): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  const readiness = app.get(Readiness);
  const errors = new ErrorFilter(API_ERRORS, readiness);
  app.useGlobalFilters(new KnownUserFilter(app.get(KnownUsers, { strict: false }), errors));
  app.get(Authentication, { strict: false }).closeRoutes(server, isApiDocument);
  protectPages(server, listeners);
  serveApiDocument(app, listeners);
  await serveExplorer(server);
  serveHome(server, listeners, readiness, hasSandbox);
}
