import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { ImpossibleSum } from '../../shared/domain/money.js';
import { BadForm } from './request-bodies.js';

/** `{"code":400,"message":"…"}`, as the service itself replies. */
export function replyWithError(reply: FastifyReply, code: number, message: string): FastifyReply {
  return reply.code(code).type('application/json').send(JSON.stringify({ code, message }));
}

/**
 * Every error there is leaves in one form; what the client did wrong is 4xx and says what it was.
 */
export function addErrorReplies(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) =>
    replyWithError(reply, 404, `no such call: ${request.method} ${request.url}`),
  );
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    if (error instanceof BadForm) return replyWithError(reply, 400, error.message);
    if (error instanceof ImpossibleSum)
      return replyWithError(reply, 400, `the award: ${error.message}`);
    const status = error.statusCode ?? 500;
    // The protocol knows no 415: a content type that cannot be read is a bad form.
    return replyWithError(reply, status === 415 ? 400 : status, error.message);
  });
}
