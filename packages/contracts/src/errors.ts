import Type, { type Static, type TSchema } from 'typebox'
import { EndReason, Timestamp } from './ids.ts'
import { Session } from './session-schema.ts'

/** One field of a request that was refused. */
export const FieldError = Type.Object({
  /** Path of the field in dots, `password` or `fullname.firstname`. */
  field: Type.String({ maxLength: 200 }),
  code: Type.String({ maxLength: 60 }),
  message: Type.String({ maxLength: 300 })
})
export type FieldError = Static<typeof FieldError>

interface ErrorSpec {
  readonly status: number
  readonly title: string
  readonly details?: TSchema
}

const retry = Type.Object({ retryAfterSeconds: Type.Integer({ minimum: 1 }) })

/**
 * Every error of the platform: its HTTP status, a neutral title, and the details that travel with it.
 * A code has one status everywhere; clients decide by the code.
 */
export const errorCatalogue = {
  invalid_request: {
    status: 400,
    title: 'The request is not valid',
    details: Type.Object({ errors: Type.Array(FieldError, { maxItems: 100 }) })
  },
  unauthenticated: { status: 401, title: 'Authentication is required' },
  token_invalid: { status: 401, title: 'The token is not valid' },
  token_expired: { status: 401, title: 'The token has expired' },
  session_ended: {
    status: 401,
    title: 'The session has ended',
    details: Type.Object({ reason: EndReason, endedAt: Timestamp })
  },
  refresh_invalid: { status: 401, title: 'The refresh token is not valid' },
  invalid_credentials: { status: 401, title: 'The credentials are not valid' },
  second_factor_required: { status: 401, title: 'A second factor is required' },
  second_factor_invalid: { status: 401, title: 'The second factor is not valid' },
  forbidden: { status: 403, title: 'This is not allowed' },
  csrf: { status: 403, title: 'The origin of the request is not allowed' },
  reauthentication_required: { status: 403, title: 'A fresh sign-in is required' },
  wrong_password: { status: 403, title: 'The current password is wrong' },
  wrong_code: { status: 403, title: 'The code is wrong' },
  user_blocked: {
    status: 403,
    title: 'The user is blocked',
    details: Type.Object({
      reason: Type.Union([Type.Literal('inactivity'), Type.Literal('brute_force'), Type.Literal('admin')]),
      /** `null` for a block without an end. */
      blockedUntil: Type.Union([Timestamp, Type.Null()]),
      retryAfterSeconds: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()])
    })
  },
  not_found: { status: 404, title: 'There is nothing at this address' },
  session_not_found: { status: 404, title: 'There is no such session' },
  link_invalid: { status: 404, title: 'The link is not valid any more' },
  user_not_found: { status: 404, title: 'There is no such user' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  not_acceptable: { status: 406, title: 'The answer cannot be given in an accepted form' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  identifier_taken: {
    status: 409,
    title: 'The identifier is taken',
    details: Type.Object({ field: Type.String({ maxLength: 20 }) })
  },
  session_limit: {
    status: 409,
    title: 'The limit of concurrent sessions is reached',
    details: Type.Object({ sessions: Type.Array(Session) })
  },
  factor_enabled: { status: 409, title: 'The second factor is on already' },
  last_admin: { status: 409, title: 'The last admin stays' },
  payload_too_large: { status: 413, title: 'The request is too large' },
  uri_too_long: { status: 414, title: 'The address is too long' },
  unsupported_media_type: { status: 415, title: 'The media type is not supported' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met' },
  too_many_attempts: { status: 429, title: 'Too many attempts', details: retry },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'Something went wrong' },
  unavailable: { status: 503, title: 'The service is not available' },
  deadline_exceeded: { status: 503, title: 'The service did not answer in time' }
} as const satisfies Readonly<Record<string, ErrorSpec>>

export type ErrorCode = keyof typeof errorCatalogue

/** Errors that any call over the bus can meet, whatever its procedure lists. */
export type TransportError = 'invalid_request' | 'internal' | 'unavailable' | 'deadline_exceeded'

/** The details that belong to a code; `undefined` for codes that carry none. */
export type DetailsOf<E extends ErrorCode> = E extends ErrorCode
  ? (typeof errorCatalogue)[E] extends { readonly details: infer D extends TSchema }
    ? Static<D>
    : undefined
  : never

/** A refused operation. Distributes over the codes, so that narrowing on `code` narrows `details` too. */
export type Failure<E extends ErrorCode = ErrorCode> = E extends ErrorCode
  ? { readonly ok: false; readonly code: E; readonly details: DetailsOf<E> }
  : never

export type Result<T, E extends ErrorCode = never> = { readonly ok: true; readonly value: T } | Failure<E>

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value }
}

/** Makes a failure; the compiler asks for details where the catalogue declares some. */
export function fail<E extends ErrorCode>(
  code: E,
  ...details: DetailsOf<E> extends undefined ? [] : [details: DetailsOf<E>]
): Failure<E> {
  return { ok: false, code, details: details[0] } as Failure<E>
}

/** Shorthand for the failure of one field. */
export function failField(field: string, code: string, message: string): Failure<'invalid_request'> {
  return fail('invalid_request', { errors: [{ field, code, message }] })
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCatalogue, value)
}
