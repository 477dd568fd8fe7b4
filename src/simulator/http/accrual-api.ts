import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { decide } from '../../shared/application/outcome.js';
import { OrderNumber } from '../../shared/domain/order-number.js';
import type { IssueOrderNumber } from '../application/issue-order-number.js';
import type { RegisterOrder } from '../application/register-order.js';
import type { RegisterReward } from '../application/register-reward.js';
import type { ReportCalculation } from '../application/report-calculation.js';
import type { Calculation } from '../domain/order.js';
import { replyWithError } from './error-replies.js';
import type { FaultInjection } from './fault-injection.js';
import { readOrder, readReward } from './request-bodies.js';
import type { RequestLimit } from './request-limit.js';

type Question = FastifyRequest<{ Params: { number: string } }>;

/**
 * The accrual system's protocol. The limit and the faults are for questions about orders only:
 * setting a scene always works.
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
    app.get('/api/orders/:number', (question: Question, reply) => this.answer(question, reply));
  }

  /**
   * Without a delay the whole answer is given in one turn of the event loop: benches ask thousands
   * of times a second.
   */
  private answer(question: Question, reply: FastifyReply): FastifyReply | Promise<FastifyReply> {
    const retryAfter = this.limit.take();
    if (retryAfter !== undefined) return refuse(reply, retryAfter, this.limit.perMinute);
    const delay = this.faults.drawDelay();
    if (delay === 0) return this.answerNow(question, reply);
    // Unreferenced: an answer held back must not hold back a stop.
    return pause(delay, undefined, { ref: false }).then(() => this.answerNow(question, reply));
  }

  private answerNow(question: Question, reply: FastifyReply): FastifyReply {
    const fault = this.faults.drawFault();
    if (fault === 'drop') {
      question.raw.socket.destroy();
      return reply.hijack();
    }
    if (fault === 'error') return replyWithError(reply, 500, 'an injected fault');
    const number = decide(() => OrderNumber.parse(question.params.number));
    const calculation =
      'value' in number ? this.reportCalculation.execute(number.value) : undefined;
    if (!calculation || !('value' in number)) return reply.code(204).send();
    return reply.type('application/json').send(print(number.value, calculation));
  }
}

/**
 * By hand, for the accrual is an exact number token, which `JSON.stringify` cannot print; the rest
 * needs no escaping.
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
