import { Controller, Get, Header, ServiceUnavailableException } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  TypeOrmHealthIndicator,
} from '@nestjs/terminus';
import { Registry } from 'prom-client';
import { ApiErrors } from '../http/openapi.js';
import { Public } from '../http/route.js';

/** Whether this replica wants traffic: yes from its start until it begins to stop. */
export class Readiness {
  #stopping = false;

  get isStopping(): boolean {
    return this.#stopping;
  }

  beginStop(): void {
    this.#stopping = true;
  }
}

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
    private readonly database: TypeOrmHealthIndicator,
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
    description: '503 while the database is away or the service is stopping.',
  })
  @HealthCheck({ swaggerDocumentation: false })
  @ApiResponse({ status: 200, description: 'ready', content: HEALTH })
  @ApiErrors()
  ready(): Promise<HealthCheckResult> {
    if (this.readiness.isStopping) throw new ServiceUnavailableException('stopping');
    return this.health.check([() => this.database.pingCheck('database', { timeout: 1000 })]);
  }
}

@ApiTags('operations')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly registry: Registry) {}

  @Get()
  @Public()
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Metrics in the Prometheus text format' })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  metrics(): Promise<string> {
    return this.registry.metrics();
  }
}
