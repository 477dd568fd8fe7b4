import { Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { stringifySetCookie } from 'cookie';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../kernel/application/caller.js';
import { IdGenerator } from '../../kernel/application/ports.js';
import { ErrBadRequest, ErrBodyTooLarge, ErrCountRequest } from '../../platform/http/api-error.js';
import { ApiErrors } from '../../platform/http/openapi.js';
import { JsonBody } from '../../platform/http/json/json-body.js';
import { Public, RequestCaller } from '../../platform/http/route.js';
import { AuthSettings } from '../auth.settings.js';
import { AccessTokens } from '../application/ports.js';
import { LogIn } from '../application/log-in.js';
import { RegisterUser } from '../application/register-user.js';
import {
  CredentialsDto,
  ErrBusy,
  ErrLoginAttempts,
  ErrUserBusy,
  ErrUserOrPasswordBad,
  SIGNED_IN,
} from './auth.api.js';
import { TOKEN_COOKIE } from './request-token.js';

@ApiTags('user')
@Controller('api/user')
export class AuthController {
  constructor(
    private readonly registerUser: RegisterUser,
    private readonly logIn: LogIn,
    private readonly tokens: AccessTokens,
    private readonly ids: IdGenerator,
    private readonly settings: AuthSettings,
  ) {}

  @Post('register')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Open an account and sign in at once' })
  @ApiBody({ type: CredentialsDto })
  @ApiOkResponse(SIGNED_IN)
  @ApiErrors(ErrBadRequest, ErrUserBusy, ErrBodyTooLarge, ErrCountRequest, ErrBusy)
  async register(
    @JsonBody(CredentialsDto) credentials: CredentialsDto,
    @RequestCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    this.#signIn(reply, await this.registerUser.execute(this.ids.next(), credentials, caller));
  }

  @Post('login')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign in' })
  @ApiBody({ type: CredentialsDto })
  @ApiOkResponse(SIGNED_IN)
  @ApiErrors(
    ErrBadRequest,
    ErrUserOrPasswordBad,
    ErrBodyTooLarge,
    ErrCountRequest,
    ErrLoginAttempts,
    ErrBusy,
  )
  async login(
    @JsonBody(CredentialsDto) credentials: CredentialsDto,
    @RequestCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    this.#signIn(reply, await this.logIn.execute(credentials, caller));
  }

  #signIn(reply: FastifyReply, userId: string): void {
    const token = this.tokens.issue(userId);
    const cookie = stringifySetCookie({
      name: TOKEN_COOKIE,
      value: token,
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: this.settings.secureCookie,
      maxAge: this.settings.tokenTtlSeconds,
    });
    void reply.header('Authorization', `Bearer ${token}`).header('Set-Cookie', cookie);
  }
}
