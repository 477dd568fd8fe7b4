import { setTimeout as pause } from 'node:timers/promises';
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
import { PgUnitOfWork } from '../postgres/pg-unit-of-work.js';

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

/** How long the database may take to answer, in milliseconds: probes are impatient. */
const DATABASE_MS = 1_000;

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
    private readonly database: PgUnitOfWork,
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
    description: '503 while the database is away or read-only, or the service is stopping.',
  })
  @HealthCheck({ swaggerDocumentation: false })
  @ApiResponse({ status: 200, description: 'ready', content: HEALTH })
  @ApiErrors()
  ready(): Promise<HealthCheckResult> {
    if (this.readiness.isStopping) throw new ServiceUnavailableException('stopping');
    return this.health.check([() => this.#databaseHealth()]);
  }

  async #databaseHealth(): Promise<HealthIndicatorResult> {
    const database = this.indicators.check('database');
    try {
      const answer = await Promise.race([
        this.database.query<{ mode: string }>(
          `SELECT current_setting('transaction_read_only') AS mode`,
        ),
        pause(DATABASE_MS, undefined, { ref: false }),
      ]);
      if (!answer) return database.down('no answer in time');
      return answer.rows[0]?.mode === 'off' ? database.up() : database.down('read-only');
    } catch (error) {
      return database.down((error as Error).message);
    }
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
