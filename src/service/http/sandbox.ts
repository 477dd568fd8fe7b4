import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ErrBadRequest } from '../../platform/http/api-error.js';
import { ApiErrors, ApiGroup } from '../../platform/http/openapi.js';
import { Public } from '../../platform/http/route.js';

/** What the bundled simulator does for whoever tries the API. */
export abstract class Sandbox {
  /** A new order number that earns points. */
  abstract issueOrderNumber(): string;
}

/** Exists only while the bundled simulator runs: no other accrual system issues order numbers. */
@ApiGroup('upload')
@Controller('sandbox')
export class SandboxController {
  constructor(private readonly sandbox: Sandbox) {}

  @Get('order')
  @Public()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'issueOrderNumber',
    summary: 'An order number to upload',
    description: 'A new one each time. It earns points: the bundled accrual simulator knows it.',
  })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string', pattern: '^[0-9]+$' } } } })
  @ApiErrors(ErrBadRequest)
  order(): string {
    return this.sandbox.issueOrderNumber();
  }
}
