import { type ErrorCode, type Failure, fail } from '@latchkey/contracts/errors'
import type { LightMyRequestResponse } from 'fastify'

const failures: Partial<Record<ErrorCode, Failure>> = {
  user_blocked: fail('user_blocked', { reason: 'inactivity', blockedUntil: null, retryAfterSeconds: 60 }),
  too_many_attempts: fail('too_many_attempts', { retryAfterSeconds: 30 }),
  identifier_taken: fail('identifier_taken', { field: 'email' }),
  session_ended: fail('session_ended', { reason: 'signed_out', endedAt: '2026-11-21T09:30:00.000Z' })
}

/** Any failure, with details where its code has some. */
export function createFailure(code: ErrorCode): Failure {
  return failures[code] ?? ({ ok: false, code, details: undefined } as Failure)
}

export function failFields(...faults: readonly (readonly [field: string, code: string])[]): Failure {
  return fail('invalid_request', { errors: faults.map(([field, code]) => ({ field, code, message: 'a message' })) })
}

/** A procedure that fails as a test wants it to, by a code of its list or not: the type says so. */
export function createFailing(failure: Failure = fail('internal')) {
  const failing = { failure, answer: async () => failing.failure as never }
  return failing
}

/** What a client of an older interface looks at. */
export function summarize(res: LightMyRequestResponse): readonly [status: number, body: unknown] {
  return [res.statusCode, res.json()]
}

/** Bodies that have no fields at all. */
export const noObjects = ['', 'null', '[]', '"text"', '5'] as const
