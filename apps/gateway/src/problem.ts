import { type ErrorCode, errorCatalogue, type Failure } from '@latchkey/contracts/errors'
import { findRetryAfterSeconds } from './errors.ts'
import { presentSession } from './present.ts'

/** A problem document (RFC 9457). `code` is the stable part; further members depend on it. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly requestId: string
  readonly [member: string]: unknown
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** Seconds after which a client may try again what was refused only for now. */
const UNAVAILABLE_RETRY_SECONDS = 1

export function createProblem(failure: Failure, requestId: string): Problem {
  const { code } = failure
  const { status, title } = errorCatalogue[code]
  return { type: `urn:latchkey:problem:${code}`, title, status, code, requestId, ...presentDetails(failure) }
}

function presentDetails(failure: Failure): object {
  switch (failure.code) {
    case 'session_limit':
      return { sessions: failure.details.sessions.map((session) => presentSession(session, undefined)) }
    case 'user_blocked':
      return { reason: failure.details.reason, blockedUntil: failure.details.blockedUntil }
    case 'invalid_request':
      return { errors: failure.details.errors }
    case 'too_many_attempts':
      return {}
    default:
      return failure.details ?? {}
  }
}

const TOKEN_FAILURES: readonly ErrorCode[] = ['token_invalid', 'token_expired', 'session_ended']

/** The header fields that HTTP wants beside certain statuses. */
export function createProblemHeaders(failure: Failure): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' }
  if (errorCatalogue[failure.code].status === 401) {
    headers['www-authenticate'] = TOKEN_FAILURES.includes(failure.code) ? 'Bearer error="invalid_token"' : 'Bearer'
  }
  const retryAfterSeconds = findRetrySeconds(failure)
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds)
  return headers
}

function findRetrySeconds(failure: Failure): number | undefined {
  const isAway = failure.code === 'unavailable' || failure.code === 'deadline_exceeded'
  return isAway ? UNAVAILABLE_RETRY_SECONDS : findRetryAfterSeconds(failure)
}
