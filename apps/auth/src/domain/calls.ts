import type { CallContext, CallOptions } from '@latchkey/contracts/define'

/** Left for the answer to travel back before the caller gives up. */
const ANSWER_MARGIN_MS = 50

/** How a neighbour is asked on behalf of a caller: never longer than the caller waits. */
export function callWithin(context: CallContext, timeoutMs: number): CallOptions {
  return {
    requestId: context.requestId,
    traceparent: context.traceparent,
    timeoutMs: Math.min(timeoutMs, context.remainingMs() - ANSWER_MARGIN_MS)
  }
}
