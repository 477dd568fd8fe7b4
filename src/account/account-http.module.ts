import { Module } from '@nestjs/common';
import { AccountController } from './http/account.controller.js';

@Module({ controllers: [AccountController] })
export class AccountHttpModule {}
