import { Global, Module } from '@nestjs/common';
import { LiveJournal } from './application/ports.js';
import { LiveRpc } from './grpc/live.rpc.js';
import { RemoteLiveJournal } from './grpc/remote-live-journal.js';

/** Has the journal read by billing in another process. */
@Global()
@Module({
  providers: [{ provide: LiveJournal, useClass: RemoteLiveJournal }],
  exports: [LiveJournal],
})
export class RemoteLiveModule {}

@Module({ providers: [LiveRpc] })
export class LiveRpcModule {}
