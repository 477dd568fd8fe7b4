import { applyDecorators } from '@nestjs/common';
import { ApiQuery, ApiResponse } from '@nestjs/swagger';
import { MOST_LINES, type PagedList } from './list-requests.js';

const TIME = { type: 'string', format: 'date-time' } as const;

const LINK = {
  Link: {
    description:
      'where `limit` was given and there are more: `rel="next"` is the next page, with the same ' +
      'filters, as a reference relative to this URL (RFC 8288)',
    schema: {
      type: 'string',
      example: '</api/user/orders?limit=20&cursor=9bGQ…>; rel="next"',
    },
  },
} as const;

type Contents = Readonly<Record<string, { readonly schema: object }>>;

/** Documents a call that lists lines in pages: its parameters, 200 and 204. */
export function ApiPages<Kind extends string>(
  { kinds }: PagedList<Kind>,
  { lines, none, content }: { lines: string; none: string; content: Contents },
): MethodDecorator {
  return applyDecorators(
    ApiQuery({
      name: 'limit',
      required: false,
      description: 'the most lines of a page; without it all lines come at once',
      schema: { type: 'integer', minimum: 1, maximum: MOST_LINES },
    }),
    ApiQuery({
      name: 'cursor',
      required: false,
      description: 'where the page begins, as `Link` gave it; good for the same filters only',
      schema: { type: 'string' },
    }),
    ApiQuery({
      name: 'from',
      required: false,
      description:
        'lines of this moment, which is not in the future, and later ones, such as ' +
        '`2026-11-21T00:00:00Z` (RFC 3339, a `+` is written %2B)',
      schema: TIME,
    }),
    ApiQuery({
      name: 'to',
      required: false,
      description: 'lines before this moment; one in the future leaves out none',
      schema: TIME,
    }),
    ...(kinds
      ? [
          ApiQuery({
            name: kinds.parameter,
            required: false,
            description: 'lines of these alone, one or several separated by commas',
            style: 'form',
            explode: false,
            schema: { type: 'array', items: { type: 'string', enum: [...kinds.values] } },
          }),
        ]
      : []),
    ApiResponse({ status: 200, description: lines, headers: LINK, content }),
    ApiResponse({ status: 204, description: none }),
  );
}
