import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { type Address, baseUrl } from '../../kernel/application/address.js';
import type { HttpSettings, Place } from '../../platform/http/http.settings.js';

/** Where the page is that leads on. */
export const HOME = '/';

/** A client knows them by another name. */
const EVERY_INTERFACE = ['localhost', '::', '0.0.0.0'];

/** What may have an address of its own, or none. All else belongs to the API. */
export type OwnListener = 'metrics' | 'docs';

/**
 * The addresses of the service: that of the API, and those that METRICS_ADDRESS and DOCS_ADDRESS
 * name. One HTTP server serves them all; a request is told by the listener it came through.
 */
export class Listeners {
  readonly #acceptedBy = new WeakMap<Socket, OwnListener>();
  readonly #places: Readonly<Record<OwnListener, Place>>;
  /** Where they really listen: a configured port may be 0. */
  readonly #addresses = new Map<OwnListener | 'api', Address>();

  constructor({ metricsAddress, docsAddress }: HttpSettings) {
    this.#places = { metrics: metricsAddress, docs: docsAddress };
  }

  /** Those with an address of their own. */
  get own(): readonly (readonly [OwnListener, Address])[] {
    return (Object.entries(this.#places) as [OwnListener, Place][]).flatMap(([name, place]) =>
      typeof place === 'object' ? [[name, place] as const] : [],
    );
  }

  /** Whether everything is served at the API's address. */
  get isSingle(): boolean {
    return Object.values(this.#places).every((place) => place === undefined);
  }

  bound(name: OwnListener | 'api', address: Address): void {
    this.#addresses.set(name, address);
  }

  accepted(socket: Socket, name: OwnListener): void {
    this.#acceptedBy.set(socket, name);
  }

  /** Whether a request came to the address that serves what it asks for. */
  serves({ url, socket }: FastifyRequest): boolean {
    // Decodable, or Fastify would have refused it before. A proxy may send the whole address, and
    // the router drops what follows a # as well.
    const path = decodeURI(url.replace(/^https?:\/\/[^/]*/i, '').split(/[?#]/, 1)[0] ?? url);
    const came = this.#acceptedBy.get(socket);
    if (path === HOME) return came !== 'metrics';
    const wanted = ownerOf(path);
    return came === (wanted && this.#places[wanted] !== undefined ? wanted : undefined);
  }

  /**
   * The base URL at which whoever sent this request reaches the API, or what has an address of its
   * own.
   *
   * @returns undefined where that is off, or the host that the client names is of no use.
   */
  urlOf(name: OwnListener | 'api', request: FastifyRequest): string | undefined {
    const bound = this.#boundOf(name);
    if (!bound) return undefined;
    const asked = `${request.protocol}://${request.host}`;
    // A proxy, or the engine of containers, may have the client know another port than ours.
    if (bound === this.#cameBy(request)) return originOf(asked);
    // Where all listen at one host, the client knows it by the name that it used just now.
    const hosts = new Set([...this.#addresses.values()].map(({ host }) => host));
    const isOneOfSeveral = hosts.size > 1 && !EVERY_INTERFACE.includes(bound.host);
    const url = isOneOfSeveral
      ? baseUrl(bound)
      : `${request.protocol}://${request.hostname}:${bound.port}`;
    return originOf(url);
  }

  /** The same for whoever sits at this machine. */
  localUrlOf(name: OwnListener): string | undefined {
    const bound = this.#boundOf(name);
    return bound && baseUrl(bound);
  }

  #cameBy({ socket }: FastifyRequest): Address | undefined {
    return this.#addresses.get(this.#acceptedBy.get(socket) ?? 'api');
  }

  #boundOf(name: OwnListener | 'api'): Address | undefined {
    const place = name === 'api' ? undefined : this.#places[name];
    return place === 'off' ? undefined : this.#addresses.get(place ? name : 'api');
  }
}

function originOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin } = new URL(url);
  // A URL's host may have them; in a page's policy they end a source.
  return /[,;]/.test(origin) ? undefined : origin;
}

/** The URLs of Swagger's own routes, which everybody may read. */
export function isApiDocument(url: string): boolean {
  return /^\/docs(-json|-yaml|\/.*)?$/.test(url);
}

function ownerOf(path: string): OwnListener | undefined {
  if (isApiDocument(path)) return 'docs';
  return path === '/metrics' ? 'metrics' : undefined;
}
