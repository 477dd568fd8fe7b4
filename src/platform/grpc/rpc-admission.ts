import { createHash, timingSafeEqual } from 'node:crypto';
import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status as STATUS,
} from '@grpc/grpc-js';

/** How long a request may take to arrive, in milliseconds; as by HTTP. */
const ARRIVES_WITHIN_MS = 15_000;

const LATE = `the request did not arrive within ${ARRIVES_WITHIN_MS / 1_000} s`;

/**
 * Refuses calls that do not show the secret, in the same time however much of it is right, and
 * requests that do not arrive.
 */
export function asksFor(secret: string): ServerInterceptor {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${secret}`);
  return ({ requestStream }, call) => {
    let timer: NodeJS.Timeout | undefined;
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const [shown = ''] = metadata.get('authorization');
        if (!timingSafeEqual(digest(String(shown)), expected))
          return call.sendStatus({
            code: STATUS.UNAUTHENTICATED,
            details: 'the secret of the service is required: authorization: Bearer …',
          });
        if (!requestStream)
          timer = setTimeout(
            () => call.sendStatus({ code: STATUS.DEADLINE_EXCEEDED, details: LATE }),
            ARRIVES_WITHIN_MS,
          );
        next(metadata);
      })
      .withOnReceiveHalfClose((next) => {
        clearTimeout(timer);
        next();
      })
      .withOnCancel(() => clearTimeout(timer))
      .build();
    const responder = new ResponderBuilder().withStart((next) => next(listener)).build();
    return new ServerInterceptingCall(call, responder);
  };
}
