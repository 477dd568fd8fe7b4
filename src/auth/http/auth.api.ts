import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { Login } from '../domain/credentials.js';
import { TOKEN_COOKIE } from './token/request-token.js';

/** Only types are checked here. The domain decides which logins and passwords are acceptable. */
@ApiSchema({ name: 'Credentials' })
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

@ApiSchema({ name: 'PasswordChange' })
export class PasswordChangeDto {
  @ApiProperty({ example: 'correct horse battery staple', minLength: 1, format: 'password' })
  @IsString()
  readonly current!: string;

  @ApiProperty({
    example: 'Tr0ub4dor&3 and more',
    minLength: 1,
    format: 'password',
    description:
      'As at registration: neither trimmed nor cut, compared in Unicode NFC, and at least as ' +
      'long as `PASSWORD_MIN_LENGTH` says, in code points of its NFC form',
  })
  @IsString()
  readonly new!: string;
}

/** The reply to registration, log-in and a change of the password. */
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
