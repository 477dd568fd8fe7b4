import { isAscii, isUtf8 } from 'node:buffer';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { gunzip } from 'node:zlib';
import { BadRequestException } from '@nestjs/common';
import {
  errorCodes,
  type FastifyInstance,
  type FastifyRequest,
  type preParsingHookHandler,
} from 'fastify';
import { AmbiguousJson, parseStrictJson } from './json/strict-json.js';

/**
 * Has Fastify read and parse bodies: JSON that can mean one thing only, and plain text. Its
 * `bodyLimit` holds for a body as sent and unpacked.
 *
 * A route says what it consumes. Anything else is refused before it is read.
 */
export function parseBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parseAs = 'buffer';
  server.addContentTypeParser<Buffer>('application/json', { parseAs }, (request, body, done) =>
    done(null, jsonOf(textOf(request, body))),
  );
  server.addContentTypeParser<Buffer>('text/plain', { parseAs }, (request, body, done) =>
    done(null, textOf(request, body)),
  );
  // Routes that consume nothing do not read their body.
  server.addContentTypeParser('*', (_request, _payload, done) => done(null));
  server.addHook('onRoute', (route) => {
    const consumes = route.config?.consumes;
    if (consumes) route.preParsing = prepareBody(consumes);
  });
}

/** Refuses what the route does not consume, and unpacks gzip. */
function prepareBody(consumes: readonly string[]): preParsingHookHandler {
  return (request, _reply, payload, done) => {
    if (request.mediaType === undefined || !consumes.includes(request.mediaType))
      return done(new BadRequestException(`Content-Type must be ${consumes.join(' or ')}`));
    done(null, isGzip(request) ? unpacked(payload, request.routeOptions.bodyLimit) : payload);
  };
}

/**
 * A label other than UTF-8 is taken where it makes no difference: HTTP clients put their default
 * charset beside bodies that are ASCII.
 *
 * @throws BadRequestException for an unknown encoding, or text that is not UTF-8.
 */
function textOf(request: FastifyRequest, body: Buffer): string {
  const encoding = encodingOf(request);
  if (encoding !== '' && encoding !== 'identity' && !isGzip(request))
    throw new BadRequestException('Content-Encoding must be gzip or identity');
  const charset = charsetOf(request);
  if (!isPlainAscii(body) && !isUtf8Label(charset))
    throw new BadRequestException(`the body must be UTF-8, and say so, not ${charset}`);
  if (!isUtf8(body)) throw new BadRequestException('the body is not UTF-8');
  return body.toString('utf8');
}

/** As the request names it, without quotes; UTF-8 where it names none. */
function charsetOf({ headers }: FastifyRequest): string {
  const [, charset = ''] = /;\s*charset=([^;\s]*)/i.exec(headers['content-type'] ?? '') ?? [];
  return charset.replace(/["'\\,]/g, '') || 'utf-8';
}

/** Whether it is one of the names of UTF-8 (WHATWG Encoding Standard, "Names and labels"). */
function isUtf8Label(label: string): boolean {
  try {
    return new TextDecoder(label.replace('_', '-')).encoding === 'utf-8';
  } catch {
    return false;
  }
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** A mark is that of UTF-8. UTF-16 has NULs where its text is ASCII. */
function isPlainAscii(body: Buffer): boolean {
  const hasMark = body.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  const text = hasMark ? body.subarray(BYTE_ORDER_MARK.length) : body;
  return isAscii(text) && !text.includes(0);
}

/**
 * A byte order mark is not JSON, but some clients begin with it (RFC 8259, 8.1).
 *
 * @throws BadRequestException
 */
function jsonOf(text: string): unknown {
  try {
    return parseStrictJson(text.replace(/^\ufeff/, ''));
  } catch (error) {
    if (error instanceof AmbiguousJson) throw new BadRequestException(error.message);
    throw error;
  }
}

function encodingOf({ headers }: FastifyRequest): string {
  return headers['content-encoding']?.trim().toLowerCase() ?? '';
}

function isGzip(request: FastifyRequest): boolean {
  const encoding = encodingOf(request);
  return encoding === 'gzip' || encoding === 'x-gzip';
}

function unpacked(packed: Readable, limit: number): Readable {
  const body = new GunzippedBody(limit);
  // The rest is read and dropped: a client that is still sending would see a reset instead of the
  // reply.
  body.once('error', () => packed.resume());
  packed.once('error', (error) => body.destroy(error));
  return packed.pipe(body);
}

/** Unpacks a body when all of it has come, and never more than the limit of it. */
class GunzippedBody extends Transform {
  readonly #chunks: Buffer[] = [];
  /** Fastify compares it with Content-Length. */
  receivedEncodedLength = 0;

  constructor(private readonly limit: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.receivedEncodedLength += chunk.length;
    if (this.receivedEncodedLength > this.limit)
      return done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
    this.#chunks.push(chunk);
    done();
  }

  override _flush(done: TransformCallback): void {
    gunzip(Buffer.concat(this.#chunks), { maxOutputLength: this.limit }, (error, bytes) => {
      if (!error) return done(null, bytes);
      const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      done(
        isTooLarge
          ? new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE()
          : new BadRequestException('the body is not gzip'),
      );
    });
  }
}
