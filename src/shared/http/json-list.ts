import { Readable } from 'node:stream';
import { HttpStatus, StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

const JSON_TYPE = 'application/json; charset=utf-8';

/** What a handler returns for JSON that is already text, whole or in pieces: 200, or a bare 204 where there is nothing to list. */
export function sendJsonList(
  reply: FastifyReply,
  json: string | AsyncIterable<string> | null,
): string | StreamableFile | undefined {
  if (json === null) {
    void reply.status(HttpStatus.NO_CONTENT);
    return undefined;
  }
  // A piece is some 100 kB: a stream of strings counts pieces, and would hold 16 of them.
  if (typeof json !== 'string') return new StreamableFile(Readable.from(json, { highWaterMark: 1 }), { type: JSON_TYPE });
  void reply.type(JSON_TYPE);
  return json;
}
