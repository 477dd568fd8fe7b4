import { Readable } from 'node:stream';
import { HttpStatus } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { JsonList, JsonText } from '../../../kernel/application/json-lists.js';

/**
 * Sends JSON that is text already: 200, or a bare 204 for an empty list.
 *
 * The pieces of a list must hold nothing open between them: those of a pipelined request whose
 * connection is gone are neither asked for nor ended.
 *
 * @returns the reply, which can be awaited: all of it was handed on, or its client has left.
 */
export function sendJson(
  reply: FastifyReply,
  json: JsonText<unknown> | JsonList<unknown>,
): FastifyReply {
  const isText = typeof json === 'string';
  if (!isText && json.isEmpty) return reply.status(HttpStatus.NO_CONTENT).send();
  const text = isText ? json : json.text;
  return reply
    .type('application/json; charset=utf-8')
    .send(typeof text === 'string' ? text : stream(text, reply));
}

function stream(pieces: AsyncIterable<string>, { request }: FastifyReply): Readable {
  // Fastify would read them all to send none of them.
  if (request.method === 'HEAD') return Readable.from([]);
  return Readable.from(pieces);
}
