import { Injectable } from '@nestjs/common';
import { GroupCommit } from '../../shared/application/group-commit.js';
import type { UploadResult } from '../domain/order.js';
import { type Upload, UploadOrders } from './upload-orders.js';

/** Where single uploads wait for the commit they share. */
@Injectable()
export class UploadCommits extends GroupCommit<Upload, UploadResult> {
  constructor(uploadOrders: UploadOrders) {
    super((uploads) => uploadOrders.execute(uploads));
  }
}
