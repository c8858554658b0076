import type { ErrorCode, Failure, Result } from '@latchkey/contracts/errors'

/** The one error class that carries an expected failure from a route to the problem document. */
export class CallError extends Error {
  override readonly name = 'CallError'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.code)
    this.failure = failure
  }
}

/** The value of a result; throws its failure as a `CallError`. */
export function unwrap<T>(result: Result<T, ErrorCode>): T {
  if (result.ok) return result.value
  throw new CallError(result)
}
