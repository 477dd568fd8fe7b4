import { Controller, Get, Header, ServiceUnavailableException } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { Registry } from 'prom-client';
import { ApiErrors } from '../http/openapi.js';
import { Public } from '../http/route.js';
import { Readiness } from './readiness.js';

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

@ApiTags('operations')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
  @Public()
  @ApiOperation({
    summary: 'Is the process alive',
    description: 'Restart it when this does not answer.',
  })
  @HealthCheck({ swaggerDocumentation: false })
  @ApiResponse({ status: 200, description: 'alive', content: HEALTH })
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @Public()
  @ApiOperation({
    summary: 'Does this replica want traffic',
    description:
      '503 while what it needs is away, such as a database, or that is read-only, and while the ' +
      'service is stopping.',
  })
  @HealthCheck({ swaggerDocumentation: false })
  @ApiResponse({ status: 200, description: 'ready', content: HEALTH })
  @ApiErrors()
  ready(): Promise<HealthCheckResult> {
    if (this.readiness.isStopping) throw new ServiceUnavailableException('stopping');
    return this.health.check(this.readiness.needs.map((need) => () => this.#healthOf(need)));
  }

  async #healthOf(need: string): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(need);
    const obstacle = await this.readiness.obstacleOf(need);
    return obstacle === undefined ? indicator.up() : indicator.down(obstacle);
  }
}

@ApiTags('operations')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly registry: Registry) {}

  @Get()
  @Public()
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  @ApiOperation({ summary: 'Metrics in the Prometheus text format' })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  metrics(): Promise<string> {
    return this.registry.metrics();
  }
}
