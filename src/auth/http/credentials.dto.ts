import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { Login } from '../domain/credentials.js';

/**
 * Only the types are checked here: what makes a login or a password acceptable is the domain's to
 * say.
 */
export class CredentialsDto {
  @ApiProperty({
    example: 'gopher',
    minLength: 1,
    maxLength: Login.MAX_LENGTH,
    description: 'Case-sensitive, kept exactly',
  })
  @IsString()
  readonly login!: string;

  @ApiProperty({
    example: 'correct horse battery staple',
    minLength: 1,
    format: 'password',
    description: 'Neither trimmed nor cut',
  })
  @IsString()
  readonly password!: string;
}
