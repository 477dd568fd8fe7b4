import { HttpStatus } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** What a handler returns for JSON that is already text: 200, or a bare 204 where there is nothing to list. */
export function sendJsonList(reply: FastifyReply, json: string | null): string | undefined {
  if (json === null) {
    void reply.status(HttpStatus.NO_CONTENT);
    return undefined;
  }
  void reply.type('application/json; charset=utf-8');
  return json;
}
