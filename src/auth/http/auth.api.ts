import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import {
  type ApiError,
  ErrBadRequest,
  ErrCountRequest,
  type ErrorRows,
  STATUS,
} from '../../platform/http/api-error.js';
import { Login } from '../domain/credentials.js';
import { TOKEN_COOKIE } from './request-token.js';

export const ErrUserOrPasswordBad: ApiError = {
  name: 'ErrUserOrPasswordBad',
  status: STATUS.unauthenticated,
  ru: 'неверный логин или пароль',
  en: 'wrong login or password',
};

export const ErrUnauthenticated: ApiError = {
  name: 'ErrUnauthenticated',
  status: STATUS.unauthenticated,
  ru: 'пользователь не аутентифицирован',
  en: 'user is not authenticated',
  headers: { 'www-authenticate': 'Bearer' },
};

export const ErrLoginAttempts: ApiError = {
  name: 'ErrLoginAttempts',
  status: STATUS['too-many'],
  ru: 'слишком много попыток входа',
  en: 'too many login attempts',
};

export const ErrBusy: ApiError = {
  name: 'ErrBusy',
  status: STATUS['too-many'],
  ru: 'сервис занят, повторите позже',
  en: 'service is busy, try again later',
};

export const ErrUserBusy: ApiError = {
  name: 'ErrUserBusy',
  status: STATUS.conflict,
  ru: 'логин уже занят',
  en: 'login is already taken',
};

export const AUTH_ERRORS: ErrorRows = {
  'login-unacceptable': ErrBadRequest,
  'password-unacceptable': ErrBadRequest,
  'login-taken': ErrUserBusy,
  'wrong-credentials': ErrUserOrPasswordBad,
  'not-authenticated': ErrUnauthenticated,
  'user-missing': ErrUnauthenticated,
  'too-many-attempts': ErrLoginAttempts,
  'too-many-requests': ErrCountRequest,
  'hashing-overloaded': ErrBusy,
};

/** Only types are checked here. The domain decides which logins and passwords are acceptable. */
export class CredentialsDto {
  @ApiProperty({
    example: 'gopher',
    minLength: 1,
    maxLength: Login.MAX_LENGTH,
    description: 'Case-sensitive, otherwise kept as sent, compared in Unicode NFC',
  })
  @IsString()
  readonly login!: string;

  @ApiProperty({
    example: 'correct horse battery staple',
    minLength: 1,
    format: 'password',
    description: 'Neither trimmed nor cut, compared in Unicode NFC',
  })
  @IsString()
  readonly password!: string;
}

/** The reply to registration and log-in. */
export const SIGNED_IN = {
  description: 'Signed in; the body is empty',
  headers: {
    Authorization: {
      description: '`Bearer` and the access token, to be sent with every other call',
      schema: { type: 'string' },
    },
    'Set-Cookie': {
      description: `The same token as an HttpOnly cookie, \`${TOKEN_COOKIE}\``,
      schema: { type: 'string' },
    },
  },
} as const;
