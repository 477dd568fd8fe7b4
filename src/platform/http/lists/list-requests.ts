import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonList, ListQuery } from '../../../kernel/application/json-lists.js';
import { DomainError } from '../../../kernel/domain/domain-error.js';
import { type Moment, readMoment } from '../../../kernel/domain/time/moment.js';
import { sendJson } from '../json/send-json.js';
import type { SealedPlaces } from './sealed-places.js';

/** The most lines that a page may have. */
export const MOST_LINES = 1_000;

/** A parameter of a request's URL is none that can be. */
export class BadParameter extends DomainError {
  readonly code = 'bad-parameter';
  readonly kind = 'malformed';

  /** @param problem is what is wrong: the sentence begins with the parameter's name. */
  constructor(name: string, problem: string) {
    super(`${name} ${problem}`);
  }
}

/** A list that takes the parameters of pages. */
export interface PagedList<Kind extends string> {
  readonly path: string;
  /** What its lines can be told apart by: the parameter, and the values that it takes. */
  readonly kinds?: { readonly parameter: string; readonly values: readonly Kind[] };
}

/** What a request asks of a list. */
export interface AskedList<Kind extends string> {
  readonly query: ListQuery<Kind>;
  /** The URL of the page that begins there, relative to this service. */
  readonly urlOf: (next: string) => string;
}

/** Reads `limit`, `cursor`, `from`, `to`, and the list's own parameter. Others are ignored. */
export class ListRequests {
  constructor(private readonly places: SealedPlaces) {}

  /** @throws BadParameter */
  read<Kind extends string>(
    request: FastifyRequest,
    userId: string,
    { path, kinds }: PagedList<Kind>,
  ): AskedList<Kind> {
    const parameters = request.query as Parameters;
    const limit = limitOf(parameters);
    const from = momentOf(request, 'from')?.ceilMs;
    const to = momentOf(request, 'to')?.ceilMs;
    if (from !== undefined && to !== undefined && from > to)
      throw new BadParameter('from', 'must not be after to');
    const only = kinds && kindsOf(parameters, kinds);
    const filters: [string, string][] = [
      ...timeFilter('from', from),
      ...timeFilter('to', to),
      ...(kinds && only ? [[kinds.parameter, only.join()] as [string, string]] : []),
    ];
    let named: string | undefined;
    const owner = (): string => (named ??= JSON.stringify([path, userId, filters]));
    const cursor = textOf(parameters, 'cursor');
    const after = cursor === undefined ? undefined : this.places.open(owner(), cursor)?.toString();
    if (cursor !== undefined && after === undefined)
      throw new BadParameter('cursor', 'is none that this list gave this user for these filters');
    return {
      query: { limit, from, to, only, after },
      urlOf: (next) => {
        const search = new URLSearchParams(filters);
        if (limit !== undefined) search.set('limit', String(limit));
        search.set('cursor', this.places.seal(owner(), Buffer.from(next)));
        return `${path}?${search.toString()}`;
      },
    };
  }
}

/** Names the next page in the reply's head. */
export function linkNext<Kind extends string>(
  reply: FastifyReply,
  { urlOf }: AskedList<Kind>,
  { next }: JsonList<unknown>,
): void {
  if (next !== undefined) void reply.header('link', `<${urlOf(next)}>; rel="next"`);
}

/** Sends a list as JSON, as {@link sendJson} does, with a link to the next page. */
export function sendList<Kind extends string>(
  reply: FastifyReply,
  asked: AskedList<Kind>,
  list: JsonList<unknown>,
): FastifyReply {
  linkNext(reply, asked, list);
  return sendJson(reply, list);
}

function timeFilter(name: string, ms: number | undefined): [string, string][] {
  return ms === undefined ? [] : [[name, new Date(ms).toISOString()]];
}

type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

function textOf(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new BadParameter(name, 'is given more than once');
}

function limitOf(parameters: Parameters): number | undefined {
  const text = textOf(parameters, 'limit');
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= MOST_LINES) return Number(text);
  throw new BadParameter('limit', `must be a whole number from 1 to ${MOST_LINES}`);
}

/** A parameter that is a time. @throws BadParameter */
export function momentOf({ query }: FastifyRequest, name: string): Moment | undefined {
  const text = textOf(query as Parameters, name);
  if (text === undefined) return undefined;
  const moment = readMoment(text);
  if (moment) return moment;
  throw new BadParameter(name, 'must be a time with its zone, such as 2026-11-29T08:00:00Z');
}

/** In the order in which the list has them, each once. */
function kindsOf<Kind extends string>(
  parameters: Parameters,
  { parameter, values }: NonNullable<PagedList<Kind>['kinds']>,
): readonly Kind[] | undefined {
  const text = textOf(parameters, parameter);
  if (text === undefined) return undefined;
  const given = new Set<string>(text.split(','));
  const known = values.filter((value) => given.has(value));
  if (known.length === given.size) return known;
  const choice = values.join(', ');
  throw new BadParameter(parameter, `must be one or several of ${choice}, separated by commas`);
}
