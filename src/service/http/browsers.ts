import fastifyCors from '@fastify/cors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import helmet from 'helmet';
import type { HttpSettings } from '../../platform/http/http.settings.js';
import { HOME, isApiDocument, type Listeners } from './listeners.js';

/** What pages of other origins may read besides the body. */
const EXPOSED = ['Authorization', 'Link', 'Retry-After', 'X-Request-Id'];
/** How long browsers remember a preflight, in seconds. */
const PREFLIGHT_S = 600;

/**
 * Lets pages of CORS_ORIGINS, and of the documents where these have an address of their own, call
 * the API: with the Bearer token that they hold, never with cookies.
 *
 * To be called before routes are closed and requests refused: a preflight has no token, and a page
 * must be able to read a refusal.
 */
export async function admitOrigins(
  server: FastifyInstance,
  { corsOrigins, docsAddress }: HttpSettings,
  listeners: Listeners,
): Promise<void> {
  const hasOwnDocs = typeof docsAddress === 'object';
  if (corsOrigins.length === 0 && !hasOwnDocs) return;
  const isAdmitted = (request: FastifyRequest): boolean => {
    const { origin } = request.headers;
    if (origin === undefined) return false;
    return (
      corsOrigins.includes(origin) || (hasOwnDocs && origin === listeners.urlOf('docs', request))
    );
  };
  await server.register(fastifyCors, {
    delegator: (request, callback) =>
      callback(null, {
        // An OPTIONS that is no preflight is none of this: it gets its 405.
        origin: isAdmitted(request) && (!isOptions(request) || isPreflight(request)),
        exposedHeaders: EXPOSED,
        maxAge: PREFLIGHT_S,
      }),
  });
}

function isOptions({ method }: FastifyRequest): boolean {
  return method === 'OPTIONS';
}

function isPreflight({ headers }: FastifyRequest): boolean {
  return headers['access-control-request-method'] !== undefined;
}

/**
 * Has pages say what they may do: load what comes from here, call the API, and stand in no frame.
 * Replies of the API are no pages, and pay nothing for it. To be called before pages are served.
 */
export function protectPages(server: FastifyInstance, listeners: Listeners): void {
  server.addHook('onRoute', (route) => {
    if (route.url !== HOME && !isApiDocument(route.url)) return;
    const hook = (request: FastifyRequest, { raw }: FastifyReply, done: () => void): void =>
      pageHeaders(listeners.urlOf('api', request))(request.raw, raw, done);
    route.onRequest = [route.onRequest ?? []].flat().concat(hook);
  });
}

function pageHeaders(api = "'self'"): ReturnType<typeof helmet> {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // Swagger UI writes styles into its elements, and icons as data.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", api],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    // Whether a host is HTTPS only is for whoever runs the proxy in front to say.
    strictTransportSecurity: false,
  });
}
