import { Controller, Get, Header } from '@nestjs/common';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { Registry } from 'prom-client';
import { Public } from '../http/route.js';
import { Readiness, Stopping } from './readiness.js';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
  @Public()
  @HealthCheck({ swaggerDocumentation: false })
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @Public()
  @HealthCheck({ swaggerDocumentation: false })
  ready(): Promise<HealthCheckResult> {
    if (this.readiness.isStopping) throw new Stopping();
    return this.health.check(this.readiness.needs.map((need) => () => this.#healthOf(need)));
  }

  async #healthOf(need: string): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(need);
    const obstacle = await this.readiness.obstacleOf(need);
    return obstacle === undefined ? indicator.up() : indicator.down(obstacle);
  }
}

@Controller('metrics')
export class MetricsController {
  constructor(private readonly registry: Registry) {}

  @Get()
  @Public()
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  metrics(): Promise<string> {
    return this.registry.metrics();
  }
}
