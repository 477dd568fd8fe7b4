import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { baseUrl } from '../kernel/application/address.js';
import type { Clock } from '../kernel/application/ports.js';
import { SystemClock } from '../platform/system.js';
import {
  IssueOrderNumber,
  RegisterOrder,
  RegisterReward,
  ReportCalculation,
} from './application/accrual-system.js';
import { Orders } from './domain/order.js';
import { RewardProgramme } from './domain/reward-programme.js';
import { AccrualApi, addErrorReplies, replyWithError } from './http/accrual-api.js';
import { FaultInjection } from './http/fault-injection.js';
import { RequestLimit } from './http/request-limit.js';

const BODY_LIMIT = 65_536;
/** Longer than every order number. With Fastify's 100 a number of 101 digits would be a 404. */
const LONGEST_PARAMETER = 16_384;

export interface SimulatorOptions {
  /** `::` is every interface. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Requests for orders in a minute, all clients together; default 0: no limit. */
  readonly ratePerMinute?: number;
  /** From the registration of an order to its final status, in milliseconds; default 600. */
  readonly calculationMs?: number;
  /**
   * Award 100 to 1000 points to every order that is requested and that nobody registered, as to
   * those whose numbers the simulator issued; default false.
   */
  readonly rewardUnknown?: boolean;
  /** Share of requests for orders that are answered with 500, 0 to 1; default 0. */
  readonly errorShare?: number;
  /** Share of them whose connection is cut, 0 to 1; default 0. */
  readonly dropShare?: number;
  /** Their replies are delayed by milliseconds drawn evenly between the two; default: none. */
  readonly delayMs?: { readonly min: number; readonly max: number };
  /**
   * How many orders are remembered. Beyond it the oldest is forgotten. Default: a million, which
   * take 250 MB.
   */
  readonly capacity?: number;
  /** For tests; default: the system's. */
  readonly clock?: Clock;
  /** For tests: evenly from 0 up to, not including, 1. */
  readonly random?: () => number;
}

export interface RunningSimulator {
  /** The base URL, as ACCRUAL_SYSTEM_ADDRESS takes it. */
  readonly url: string;
  /** A new order number that earns points, as `GET /api/order` gives it. */
  issueOrderNumber(): string;
  /** Stops listening, cuts all connections, and resolves when the port is free. */
  close(): Promise<void>;
}

/**
 * Starts an accrual system for development, tests and demos. It keeps everything in memory.
 *
 * Plain Fastify without Nest: four calls need no container, and in a bench the simulator shares its
 * cores with what is measured. Nest would double the CPU of a reply.
 *
 * @throws what the system says when it cannot listen: EADDRINUSE, EACCES, ENOTFOUND.
 */
export async function startSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  const { host, port, clock = new SystemClock(), random = Math.random } = options;
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    exposeHeadRoutes: false,
    // Of a URL that does not decode. No other error comes before there is a route.
    frameworkErrors: (error, _request, reply) =>
      void replyWithError(reply, error.statusCode ?? 400, error.message),
    forceCloseConnections: true,
    requestTimeout: 10_000,
    http: { headersTimeout: 10_000 },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  addErrorReplies(app);

  const orders = new Orders(options.capacity ?? 1_000_000);
  const programme = new RewardProgramme();
  const { calculationMs = 600, rewardUnknown = false } = options;
  const { errorShare = 0, dropShare = 0, delayMs = { min: 0, max: 0 } } = options;
  const issue = new IssueOrderNumber(orders, clock);
  new AccrualApi(
    new RegisterReward(programme),
    new RegisterOrder(orders, programme, clock),
    new ReportCalculation(orders, clock, { calculationMs, rewardUnknown }),
    issue,
    new RequestLimit(options.ratePerMinute ?? 0, clock),
    new FaultInjection({ errorShare, dropShare, delayMs }, random),
  ).addRoutes(app);

  await app.listen({ host, port });
  return {
    url: baseUrl({ host, port: (app.server.address() as AddressInfo).port }),
    issueOrderNumber: () => issue.execute().value,
    close: () => app.close(),
  };
}
