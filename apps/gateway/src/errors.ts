import type { authContract, SignedIn } from '@latchkey/contracts/auth'
import type { ReplyOf } from '@latchkey/contracts/define'
import { type ErrorCode, type Failure, fail, type Result } from '@latchkey/contracts/errors'
import type { FastifyError, FastifyRequest } from 'fastify'
import { readViolations } from './validation-errors.ts'

/** The one error class that carries an expected failure from a route to the answer. */
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

/** The user and the session of a registration that was to open one. */
export function unwrapOpened(result: Result<ReplyOf<typeof authContract.register>, ErrorCode>): SignedIn {
  const { user, opened } = unwrap(result)
  if (opened === null) throw new Error('the registration opened no session')
  return { user, ...opened }
}

/** Faults of a request that the framework itself finds, by its error codes. */
const frameworkFailures: Readonly<Record<string, Failure>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: fail('payload_too_large'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: fail('unsupported_media_type'),
  FST_ERR_CTP_INVALID_TYPE: fail('unsupported_media_type'),
  FST_ERR_MAX_PARAM_LENGTH: fail('uri_too_long'),
  FST_ERR_NOT_FOUND: fail('not_found')
}

/** What a thrown error means to the client; anything that was not expected is `internal`, and goes to the log. */
export function readFailure(error: unknown, request: FastifyRequest): Failure {
  const failure = findFailure(error)
  if (failure.code === 'internal') request.log.error({ err: error, requestId: request.id }, 'request failed')
  return failure
}

function findFailure(error: unknown): Failure {
  if (error instanceof CallError) return error.failure
  if (!isFrameworkError(error)) return fail('internal')
  if (error.validation !== undefined) return fail('invalid_request', { errors: readViolations(error.validation) })
  const known = frameworkFailures[error.code]
  if (known !== undefined) return known
  const { statusCode = 500 } = error
  return statusCode >= 400 && statusCode < 500 ? fail('invalid_request', { errors: [] }) : fail('internal')
}

function isFrameworkError(error: unknown): error is FastifyError {
  return error instanceof Error && ('validation' in error || ('code' in error && 'statusCode' in error))
}

/** Seconds after which somebody who is kept out for now may try again. */
export function findRetryAfterSeconds(failure: Failure): number | undefined {
  if (failure.code !== 'user_blocked' && failure.code !== 'too_many_attempts') return undefined
  return failure.details.retryAfterSeconds ?? undefined
}
