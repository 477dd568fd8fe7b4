import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { decide } from '../../kernel/application/batches/group-commit.js';
import { ImpossibleSum } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import type {
  IssueOrderNumber,
  RegisterOrder,
  RegisterReward,
  ReportCalculation,
} from '../application/accrual-system.js';
import type { Calculation } from '../domain/order.js';
import type { FaultInjection } from './fault-injection.js';
import { BadForm, readOrder, readReward } from './request-bodies.js';
import type { RequestLimit } from './request-limit.js';

type OrderRequest = FastifyRequest<{ Params: { number: string } }>;

/**
 * The accrual system's protocol. The limit and the faults concern requests for orders only, so that
 * registering rewards and orders always works.
 */
export class AccrualApi {
  constructor(
    private readonly registerReward: RegisterReward,
    private readonly registerOrder: RegisterOrder,
    private readonly reportCalculation: ReportCalculation,
    private readonly issueOrderNumber: IssueOrderNumber,
    private readonly limit: RequestLimit,
    private readonly faults: FaultInjection,
  ) {}

  addRoutes(app: FastifyInstance): void {
    app.post<{ Body: string | undefined }>('/api/goods', (request, reply) => {
      const outcome = this.registerReward.execute(readReward(request.body ?? ''));
      if (outcome === 'known-match')
        return replyWithError(reply, 409, 'a reward for this match is registered already');
      return reply.code(200).send();
    });
    app.post<{ Body: string | undefined }>('/api/orders', (request, reply) => {
      const { number, goods } = readOrder(request.body ?? '');
      const outcome = this.registerOrder.execute(number, goods);
      if (outcome === 'known-order')
        return replyWithError(reply, 409, 'this order is registered already');
      return reply.code(202).send();
    });
    app.get('/api/order', (_request, reply) =>
      reply.type('text/plain').send(this.issueOrderNumber.execute().value),
    );
    app.get('/api/orders/:number', (request: OrderRequest, reply) => this.answer(request, reply));
  }

  /**
   * Without a delay the reply is sent in the same turn of the event loop: benches send thousands
   * of requests a second.
   */
  private answer(request: OrderRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> {
    const retryAfter = this.limit.take();
    if (retryAfter !== undefined) return refuse(reply, retryAfter, this.limit.perMinute);
    const delay = this.faults.drawDelay();
    if (delay === 0) return this.answerNow(request, reply);
    // A delayed reply must not keep the process from stopping.
    return pause(delay, undefined, { ref: false }).then(() => this.answerNow(request, reply));
  }

  private answerNow(request: OrderRequest, reply: FastifyReply): FastifyReply {
    const fault = this.faults.drawFault();
    if (fault === 'drop') {
      request.raw.socket.destroy();
      return reply.hijack();
    }
    if (fault === 'error') return replyWithError(reply, 500, 'an injected fault');
    const number = decide(() => OrderNumber.parse(request.params.number));
    const calculation =
      'value' in number ? this.reportCalculation.execute(number.value) : undefined;
    if (!calculation || !('value' in number)) return reply.code(204).send();
    return reply.type('application/json').send(print(number.value, calculation));
  }
}

/**
 * By hand, because `JSON.stringify` cannot print the exact number. Nothing in it needs escaping.
 */
function print(number: OrderNumber, { status, accrual }: Calculation): string {
  const award = accrual ? `,"accrual":${accrual.toString()}` : '';
  return `{"order":"${number.value}","status":"${status}"${award}}`;
}

function refuse(reply: FastifyReply, retryAfter: number, perMinute: number): FastifyReply {
  return reply
    .code(429)
    .header('Retry-After', retryAfter)
    .type('text/plain')
    .send(`No more than ${perMinute} requests per minute allowed`);
}

/** `{"code":400,"message":"…"}`, as the service itself replies. */
export function replyWithError(reply: FastifyReply, code: number, message: string): FastifyReply {
  return reply.code(code).type('application/json').send(JSON.stringify({ code, message }));
}

/** Every error has one form. A mistake of the client is a 4xx that says what is wrong. */
export function addErrorReplies(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) =>
    replyWithError(reply, 404, `no such call: ${request.method} ${request.url}`),
  );
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    if (error instanceof BadForm) return replyWithError(reply, 400, error.message);
    if (error instanceof ImpossibleSum)
      return replyWithError(reply, 400, `the award: ${error.message}`);
    const status = error.statusCode ?? 500;
    // The protocol has no 415: a content type that cannot be read is a bad form.
    return replyWithError(reply, status === 415 ? 400 : status, error.message);
  });
}
