import { type ErrorCode, fail, type Result } from '@latchkey/contracts/errors'
import { StoreUnavailable } from './domain/ports.ts'

/** A store that cannot be asked is an answer, too. */
export async function whileStoreAnswers<T, E extends ErrorCode>(
  work: Promise<Result<T, E>>
): Promise<Result<T, E | 'unavailable'>> {
  try {
    return await work
  } catch (err) {
    if (err instanceof StoreUnavailable) return fail('unavailable')
    throw err
  }
}
