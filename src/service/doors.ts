import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { type Address, baseUrl } from '../kernel/application/address.js';
import type { HttpSettings, Place } from '../platform/http/http.settings.js';

/** What may have an address of its own, or none. All else belongs to the API. */
export type Door = 'metrics' | 'docs';

/**
 * The addresses of the service: that of the API, and those that METRICS_ADDRESS and DOCS_ADDRESS
 * name. One HTTP server serves them all; a request is told by the listener it came through.
 */
export class Doors {
  readonly #through = new WeakMap<Socket, Door>();
  readonly #places: Readonly<Record<Door, Place>>;
  /** Where they really listen: a configured port may be 0. */
  readonly #bound = new Map<Door | 'api', Address>();

  constructor({ metricsAddress, docsAddress }: HttpSettings) {
    this.#places = { metrics: metricsAddress, docs: docsAddress };
  }

  /** Those with an address of their own. */
  get own(): readonly (readonly [Door, Address])[] {
    return (Object.entries(this.#places) as [Door, Place][]).flatMap(([door, place]) =>
      typeof place === 'object' ? [[door, place] as const] : [],
    );
  }

  /** Whether everything is served at the API's address. */
  get isOne(): boolean {
    return Object.values(this.#places).every((place) => place === undefined);
  }

  bind(door: Door | 'api', address: Address): void {
    this.#bound.set(door, address);
  }

  enter(socket: Socket, door: Door): void {
    this.#through.set(socket, door);
  }

  /** Whether a request came to the address that serves what it asks for. */
  serves({ url, socket }: FastifyRequest): boolean {
    // Decodable, or Fastify would have refused it before. A proxy may send the whole address.
    const path = decodeURI(url.replace(/^https?:\/\/[^/]*/i, '').split('?', 1)[0] ?? url);
    const came = this.#through.get(socket);
    if (path === '/') return came !== 'metrics';
    const wanted = doorOf(path);
    return came === (wanted && this.#places[wanted] !== undefined ? wanted : undefined);
  }

  /**
   * The base URL at which whoever sent this request reaches a door, or the API.
   *
   * @returns undefined where the door is closed.
   */
  urlOf(door: Door | 'api', request: FastifyRequest): string | undefined {
    const bound = this.#boundOf(door);
    if (!bound) return undefined;
    // Who listens at more than one address is known to the client by the name it used just now.
    const isOneHost = !['localhost', '::', '0.0.0.0'].includes(bound.host);
    const url = isOneHost
      ? baseUrl(bound)
      : `${request.protocol}://${request.hostname}:${bound.port}`;
    return URL.canParse(url) ? new URL(url).origin : undefined;
  }

  /** The same for whoever sits at this machine. */
  localUrlOf(door: Door): string | undefined {
    const bound = this.#boundOf(door);
    return bound && baseUrl(bound);
  }

  #boundOf(door: Door | 'api'): Address | undefined {
    const place = door === 'api' ? undefined : this.#places[door];
    return place === 'off' ? undefined : this.#bound.get(place ? door : 'api');
  }
}

/** The URLs of Swagger's own routes, which everybody may read. */
export function isApiDocument(url: string): boolean {
  return /^\/docs(-json|-yaml|\/.*)?$/.test(url);
}

function doorOf(path: string): Door | undefined {
  if (isApiDocument(path)) return 'docs';
  return path === '/metrics' ? 'metrics' : undefined;
}
