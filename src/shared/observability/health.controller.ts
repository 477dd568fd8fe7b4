import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  HealthCheckService,
  type HealthCheckResult,
  TypeOrmHealthIndicator,
} from '@nestjs/terminus';
import { ApiErrors } from '../http/api-errors.js';
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
    private readonly database: TypeOrmHealthIndicator,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
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
