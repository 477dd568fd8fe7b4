import { Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { stringifySetCookie } from 'cookie';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../kernel/application/caller.js';
import { IdGenerator } from '../../kernel/application/ports.js';
import { ErrBadRequest, ErrBodyTooLarge, ErrCountRequest } from '../../platform/http/api-error.js';
import { ApiErrors, ApiGroup, ApiToken } from '../../platform/http/openapi.js';
import { JsonBody } from '../../platform/http/json/json-body.js';
import { Public, RequestCaller } from '../../platform/http/route.js';
import { AuthSettings } from '../auth.settings.js';
import { AccessTokens } from '../application/ports.js';
import { ChangePassword } from '../application/change-password.js';
import { LogIn } from '../application/log-in.js';
import { LogOutCommits } from '../application/log-out.js';
import { RegisterUser } from '../application/register-user.js';
import { Sessions } from '../application/sessions.js';
import type { Session, SignedIn } from '../domain/session.js';
import { CredentialsDto, PasswordChangeDto, SIGNED_IN } from './auth.api.js';
import {
  ErrBusy,
  ErrLoginAttempts,
  ErrUnauthenticated,
  ErrUserBusy,
  ErrUserOrPasswordBad,
} from './auth.errors.js';
import { CurrentSession } from './authentication.js';
import { TOKEN_COOKIE } from './token/request-token.js';

@Controller('api/user')
export class AuthController {
  constructor(
    private readonly registerUser: RegisterUser,
    private readonly logIn: LogIn,
    private readonly logOuts: LogOutCommits,
    private readonly changePassword: ChangePassword,
    private readonly sessions: Sessions,
    private readonly tokens: AccessTokens,
    private readonly ids: IdGenerator,
    private readonly settings: AuthSettings,
  ) {}

  @Post('register')
  @ApiGroup('register')
  @Public()
  @HttpCode(200)
  @ApiOperation({ operationId: 'register', summary: 'Open an account and sign in at once' })
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
  @ApiGroup('register')
  @Public()
  @HttpCode(200)
  @ApiOperation({ operationId: 'logIn', summary: 'Sign in' })
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

  @Post('logout')
  @ApiGroup('sessions')
  @HttpCode(204)
  @ApiToken()
  @ApiOperation({ operationId: 'logOut', summary: 'End the session of this token' })
  @ApiNoContentResponse({
    description: 'Every replica refuses the token within 2 s; the cookie is cleared',
  })
  @ApiErrors(ErrUnauthenticated, ErrCountRequest)
  async logOut(
    @CurrentSession() session: Session,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.logOuts.submit(session);
    this.sessions.end({ userId: session.userId, tokenHash: session.tokenHash });
    void reply.header('Set-Cookie', this.#cookie('', 0));
  }

  @Post('password')
  @ApiGroup('sessions')
  @HttpCode(200)
  @ApiToken()
  @ApiOperation({
    operationId: 'changePassword',
    summary: 'Change the password, and end all other sessions',
  })
  @ApiBody({ type: PasswordChangeDto })
  @ApiOkResponse(SIGNED_IN)
  @ApiErrors(
    ErrBadRequest,
    ErrUnauthenticated,
    ErrUserOrPasswordBad,
    ErrBodyTooLarge,
    ErrCountRequest,
    ErrLoginAttempts,
    ErrBusy,
  )
  async password(
    @JsonBody(PasswordChangeDto) change: PasswordChangeDto,
    @CurrentSession() session: Session,
    @RequestCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const signedIn = await this.changePassword.execute(session, change, caller);
    this.sessions.end(signedIn);
    this.#signIn(reply, signedIn);
  }

  #signIn(reply: FastifyReply, signedIn: SignedIn): void {
    const token = this.tokens.issue(signedIn);
    void reply
      .header('Authorization', `Bearer ${token}`)
      .header('Set-Cookie', this.#cookie(token, this.settings.tokenTtlSeconds));
  }

  #cookie(value: string, maxAge: number): string {
    return stringifySetCookie({
      name: TOKEN_COOKIE,
      value,
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: this.settings.secureCookie,
      maxAge,
    });
  }
}
