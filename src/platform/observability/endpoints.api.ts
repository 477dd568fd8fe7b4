import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { ErrBadRequest } from '../http/api-error.js';
import { ApiErrors, ApiGroup } from '../http/openapi.js';
import { HealthController, MetricsController } from './endpoints.js';

// What the API document says of these endpoints, which every process has. It stands apart from
// them because only a portal serves the document, and no other process loads what makes it.

const HEALTH = {
  'application/json': {
    schema: {
      type: 'object',
      required: ['status'],
      properties: {
        status: { type: 'string', enum: ['ok'] },
        info: { type: 'object' },
        error: { type: 'object' },
        details: { type: 'object' },
      },
    },
  },
};

const GROUP = ApiGroup('operations');

GROUP(HealthController);
document(
  HealthController.prototype,
  'live',
  ApiOperation({
    operationId: 'checkLiveness',
    summary: 'Is the process alive',
    description: 'Restart it when this does not answer.',
  }),
  ApiResponse({ status: 200, description: 'alive', content: HEALTH }),
);
document(
  HealthController.prototype,
  'ready',
  ApiOperation({
    operationId: 'checkReadiness',
    summary: 'Does this replica want traffic',
    description:
      '503 while what it needs is away, such as a database, or that is read-only, and while the ' +
      'service is stopping.',
  }),
  ApiResponse({ status: 200, description: 'ready', content: HEALTH }),
);

GROUP(MetricsController);
document(
  MetricsController.prototype,
  'metrics',
  ApiOperation({ operationId: 'getMetrics', summary: 'Metrics in the Prometheus text format' }),
  ApiResponse({ status: 200, content: { 'text/plain': { schema: { type: 'string' } } } }),
);

/** Does to a handler what decorators on it would do. */
function document<T extends object>(
  controller: T,
  handler: keyof T & string,
  ...decorators: MethodDecorator[]
): void {
  const descriptor = Object.getOwnPropertyDescriptor(controller, handler) ?? {};
  applyDecorators(...decorators, ApiErrors(ErrBadRequest))(controller, handler, descriptor);
}
