import { BadRequestException, Controller, Get, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentSession } from '../../auth/http/index.js';
import { ErrUnauthenticated, type Session } from '../../auth/index.js';
import type { Cursor } from '../../journal/index.js';
import { ErrBadRequest, ErrCountRequest } from '../../platform/http/api-error.js';
import { ApiErrors, ApiGroup, ApiToken } from '../../platform/http/openapi.js';
import { OpenLiveStream } from '../application/open-live-stream.js';
import { EventIds } from './event-ids.js';
import { EventStreams } from './event-streams.js';
import { DESCRIPTION, EVENT_EXAMPLES, EVENT_SCHEMA } from './live.api.js';
import { ErrTooManyStreams } from './live.errors.js';

/** What the client says it has seen. */
interface Seen {
  /** Undefined where nobody has given this user such an id. */
  readonly place: Cursor | undefined;
  /** Whether the client can be told that the id is wrong: a browser would not come again. */
  readonly isRefusable: boolean;
}

@ApiGroup('watch')
@ApiToken()
@Controller('api/user/events')
export class LiveController {
  constructor(
    private readonly openStream: OpenLiveStream,
    private readonly ids: EventIds,
    private readonly streams: EventStreams,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'streamEvents',
    summary: 'What happens to the user’s orders and points, as it happens',
    description: DESCRIPTION,
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'the last id that was seen' })
  @ApiQuery({
    name: 'after',
    required: false,
    type: String,
    description: 'the same, for clients that cannot set the header, which wins',
  })
  @ApiResponse({
    status: 200,
    description: 'the stream, without an end of its own',
    content: { 'text/event-stream': { schema: EVENT_SCHEMA, examples: EVENT_EXAMPLES } },
  })
  @ApiErrors(ErrBadRequest, ErrUnauthenticated, ErrTooManyStreams, ErrCountRequest)
  async stream(
    @CurrentSession() session: Session,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { userId } = session;
    const seen = this.#seenBy(userId, request);
    if (seen?.isRefusable && !seen.place) throw new BadRequestException(NO_ID);
    const stream = await this.openStream.execute(userId, seen && (seen.place ?? 'unknown'));
    if (seen?.isRefusable && !stream.isKnown) {
      stream.close();
      throw new BadRequestException(NO_ID);
    }
    const seal = (place: Cursor): string => this.ids.seal(userId, place);
    await this.streams.send(stream, session, { request, reply }, seal);
  }

  #seenBy(userId: string, { headers, query }: FastifyRequest): Seen | undefined {
    const last = headers['last-event-id'];
    if (typeof last === 'string' && last !== '')
      return { place: this.ids.open(userId, last), isRefusable: false };
    const { after } = query as { readonly after?: unknown };
    if (after === undefined) return undefined;
    const place = typeof after === 'string' ? this.ids.open(userId, after) : undefined;
    return { place, isRefusable: true };
  }
}

const NO_ID = 'after must be one id of an event that this user was sent';
