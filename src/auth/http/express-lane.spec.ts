import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  Get,
  Injectable,
  Module,
  NotFoundException,
  Param,
  Res,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { AccessTokens } from '../application/ports.js';
import { AuthSettings } from '../auth.settings.js';
import { ExpressLane, ExpressLanes } from './express-lane.js';

const KNOWN = { authorization: 'Bearer known' };
const NEW = { authorization: 'Bearer new' };

/** Who was called, in order. */
let log: string[];
let recalled: Record<string, string>;

@Injectable()
class Guard implements CanActivate {
  canActivate(): boolean {
    log.push('guard');
    return true;
  }
}

@UseGuards(Guard)
@Controller('api')
class Shop {
  @Get('quick')
  @ExpressLane()
  async quick(@Param('user') userId = 'of the guard', @Res() reply: FastifyReply): Promise<void> {
    log.push(`quick for ${userId}`);
    await reply.send(`hello ${userId}`);
  }

  @Get('fails')
  @ExpressLane()
  async fails(_: string, @Res() reply: FastifyReply): Promise<void> {
    log.push('fails');
    await Promise.reject(new NotFoundException(`gone from ${reply.request.url}`));
  }

  @Get('breaks')
  @ExpressLane()
  async breaks(_: string, @Res() reply: FastifyReply): Promise<void> {
    log.push('breaks');
    await reply.send('sent');
    throw new UnauthorizedException('too late');
  }

  @Get('slow')
  async slow(@Res() reply: FastifyReply): Promise<void> {
    await reply.send('slow');
  }
}

describe(ExpressLane.name, () => {
  let app: NestFastifyApplication;

  const start = async (rateLimitPerSecond: number): Promise<void> => {
    const tokens = { recall: (token: string) => recalled[token] } as AccessTokens;
    @Module({
      controllers: [Shop],
      providers: [
        ExpressLanes,
        { provide: AccessTokens, useValue: tokens },
        { provide: AuthSettings, useValue: { rateLimitPerSecond } },
      ],
    })
    class Mall {}
    app = await NestFactory.create<NestFastifyApplication>(Mall, new FastifyAdapter(), {
      logger: false,
    });
    app.get(ExpressLanes).open(app.getHttpAdapter().getInstance());
    await app.init();
  };
  const call = async (
    path: string,
    headers: Record<string, string>,
    method: 'GET' | 'HEAD' = 'GET',
  ): Promise<string> => {
    const { statusCode, body } = await app.inject({ method, url: `/api/${path}`, headers });
    return `${statusCode} ${body}`;
  };

  beforeEach(async () => {
    log = [];
    recalled = { known: 'ann' };
    await start(0);
  });

  afterEach(() => app.close());

  it('calls the handler past the guards for a token that was verified before', async () => {
    await expect(call('quick', KNOWN)).resolves.toBe('200 hello ann');
    await expect(call('quick', { cookie: 'token=known' })).resolves.toBe('200 hello ann');
    expect(log).toEqual(['quick for ann', 'quick for ann']);
  });

  it.each([
    ['a token never seen', NEW],
    ['no token', {}],
    ['a malformed token', { authorization: 'known' }],
  ])('leaves %s to the guards', async (_, headers) => {
    await expect(call('quick', headers)).resolves.toBe('200 hello of the guard');
    expect(log).toEqual(['guard', 'quick for of the guard']);
  });

  it('asks for each request anew whether the token is still good', async () => {
    await call('quick', KNOWN);
    recalled = {};
    await call('quick', KNOWN);
    expect(log).toEqual(['quick for ann', 'guard', 'quick for of the guard']);
  });

  it('has Nest answer what the handler throws, without asking it twice', async () => {
    const reply = await call('fails', KNOWN);
    expect(reply).toMatch(/^404 .*"gone from /);
    expect(log).toEqual(['fails']);
    await expect(call('fails', NEW)).resolves.toBe(reply);
  });

  it('does not answer twice when the handler fails after it has answered', async () => {
    await expect(call('breaks', KNOWN)).resolves.toBe('200 sent');
    expect(log).toEqual(['breaks']);
  });

  it('is for GET alone, and for marked handlers', async () => {
    await expect(call('quick', KNOWN, 'HEAD')).resolves.toBe('200 ');
    await expect(call('slow', KNOWN)).resolves.toBe('200 slow');
    expect(log).toEqual(['guard', 'quick for of the guard', 'guard']);
  });

  it('is closed where requests are counted, for it is a guard that counts them', async () => {
    await app.close();
    await start(5);
    await call('quick', KNOWN);
    expect(log).toEqual(['guard', 'quick for of the guard']);
  });
});
