import { Readable } from 'node:stream';
import { HttpStatus } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/**
 * Sends JSON that is text already, whole or in pieces: 200, or a bare 204 where there is nothing to
 * list.
 *
 * Pieces must hold nothing open between them: those of a pipelined request whose connection is gone
 * are neither asked for nor ended.
 *
 * @returns the reply, which can be awaited: all of it was handed on, or its client has left.
 */
export function sendJson(
  reply: FastifyReply,
  json: string | AsyncIterable<string> | null,
): FastifyReply {
  if (json === null) return reply.status(HttpStatus.NO_CONTENT).send();
  return reply
    .type('application/json; charset=utf-8')
    .send(typeof json === 'string' ? json : stream(json, reply));
}

function stream(pieces: AsyncIterable<string>, { request }: FastifyReply): Readable {
  // Fastify would read them all to send none of them.
  if (request.method === 'HEAD') return Readable.from([]);
  // A piece is some 100 kB: a stream of strings counts pieces, and would hold 16 of them.
  return Readable.from(pieces, { highWaterMark: 1 });
}
