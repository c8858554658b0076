import type { CallContext } from '@latchkey/contracts/define'
import { type Failure, fail } from '@latchkey/contracts/errors'
import { StoreUnavailable, UnstorableText } from './domain/ports.ts'

/** Any procedure may meet a store that is down, or text that it cannot hold. */
export function withStore<Request, Reply>(handle: (request: Request, context: CallContext) => Promise<Reply>) {
  return async (
    request: Request,
    context: CallContext
  ): Promise<Reply | Failure<'unavailable'> | Failure<'invalid_request'>> => {
    try {
      return await handle(request, context)
    } catch (err) {
      if (err instanceof StoreUnavailable) return fail('unavailable')
      if (err instanceof UnstorableText) return fail('invalid_request', { errors: [] })
      throw err
    }
  }
}
