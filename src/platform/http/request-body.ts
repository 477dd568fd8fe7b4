import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { BadRequestException, PayloadTooLargeException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Where a request keeps from Fastify what it said of its body's media type. */
const CONTENT_TYPE = Symbol('content type');

type Received = IncomingMessage & { [CONTENT_TYPE]?: string };

const gunzipAsync = promisify(gunzip);

/**
 * Reads, unpacks and decodes the body of a request.
 *
 * Guards have run by then, so that 401 and 429 come before any complaint about the form, and
 * nothing is read or unpacked for somebody unknown.
 *
 * @param limit bytes, of the body as sent and of what it unpacks to.
 * @throws PayloadTooLargeException beyond the limit; BadRequestException for a broken or unknown
 * encoding, or text that is not UTF-8.
 */
export async function readTextBody(request: FastifyRequest, limit: number): Promise<string> {
  const packed = await collect(request, limit);
  const bytes = await unpack(packed, request.headers['content-encoding'], limit);
  if (!isUtf8(bytes)) throw new BadRequestException('the body is not UTF-8');
  return bytes.toString('utf8');
}

/**
 * Keeps the header from Fastify, which would refuse a malformed one before the guards have said who
 * is asking.
 */
export function setContentTypeAside({ raw }: FastifyRequest): void {
  const given = raw.headers['content-type'];
  if (given === undefined) return;
  (raw as Received)[CONTENT_TYPE] = given;
  // Not deleted: that would turn the headers into a dictionary, which costs each look-up after it.
  raw.headers['content-type'] = undefined;
}

/**
 * The media type of the body without its parameters, in lower case; undefined where the request
 * does not say.
 */
export function mediaType(request: FastifyRequest): string | undefined {
  const [type, ...parameters] = ((request.raw as Received)[CONTENT_TYPE] ?? '')
    .toLowerCase()
    .split(';');
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith('charset='));
  if (charset && !/^charset="?(utf-8|us-ascii)"?$/.test(charset))
    throw new BadRequestException('the body must be UTF-8');
  return type?.trim() || undefined;
}

function collect({ raw, headers }: FastifyRequest, limit: number): Promise<Buffer> {
  if (Number(headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge(limit));
  // The client may have left while the guards were asking the database: nothing would ever be heard
  // of it.
  if (raw.destroyed) return Promise.reject(new BadRequestException('the body broke off'));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    raw.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // The rest is read and dropped: a client that is still sending would see a reset instead of
      // the reply.
      if (size > limit) reject(tooLarge(limit));
      else chunks.push(chunk);
    });
    raw.once('end', () =>
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)),
    );
    const breakOff = (): void => {
      if (!raw.readableEnded) reject(new BadRequestException('the body broke off'));
    };
    raw.once('error', breakOff);
    raw.once('close', breakOff);
  });
}

async function unpack(bytes: Buffer, encoding: string | undefined, limit: number): Promise<Buffer> {
  switch (encoding?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
    case '':
      return bytes;
    case 'gzip':
    case 'x-gzip':
      try {
        return await gunzipAsync(bytes, { maxOutputLength: limit });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
        throw new BadRequestException('the body is not gzip');
      }
    default:
      throw new BadRequestException('Content-Encoding must be gzip or identity');
  }
}

function tooLarge(limit: number): PayloadTooLargeException {
  return new PayloadTooLargeException(`the body must not exceed ${limit} bytes, unpacked too`);
}
