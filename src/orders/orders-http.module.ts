import { Module } from '@nestjs/common';
import { OrdersController } from './http/orders.controller.js';

@Module({ controllers: [OrdersController] })
export class OrdersHttpModule {}
