import type { authContract, SignedIn } from '@latchkey/contracts/auth'
import type { ReplyOf } from '@latchkey/contracts/define'
import {
  type ErrorCode,
  errorCatalogue,
  type Failure,
  type FieldError,
  fail,
  type Result
} from '@latchkey/contracts/errors'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
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

/**
 * Words for failures in an interface that has no codes, with a status where it is another than the catalogue's. Of a
 * fault the first counts of `<field> <code>`, `<code>`, `<field>`, of any other failure of its code and its status. For
 * one route alone the key is preceded by the route's path and a space.
 */
export type Texts = Readonly<Record<string, string | readonly [status: number, text: string]>>

/** Where the older interfaces are silent they all say the same. */
const commonTexts: Texts = {
  unsupported_media_type: 'Unsupported media type',
  too_many_attempts: 'Too many attempts',
  user_blocked: 'User is blocked',
  second_factor_required: [403, 'Second factor required']
}

export interface Refusals {
  /** Answers an error. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void
  /** What a failure looks like on the route of that path. */
  describe(failure: Failure, path: string): { readonly status: number; readonly body: object }
}

/** Errors in a shape of their own: a plain text that `present` puts into it. `faults` are those of single fields. */
export function createRefusals(
  texts: Texts,
  present: (text: string, failure: Failure, faults: readonly FieldError[]) => object
): Refusals {
  const describe: Refusals['describe'] = (failure, path) => {
    const [status, text] = findText(failure, path, texts)
    const faults = listFaults(failure).map((fault) => ({ ...fault, message: findFaultText(fault, path, texts) }))
    return { status, body: present(text, failure, faults) }
  }
  const answer: Refusals['answer'] = (error, request, reply) => {
    const failure = readFailure(error, request)
    const retryAfterSeconds = findRetryAfterSeconds(failure)
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
    const { status, body } = describe(failure, request.routeOptions.url ?? '')
    reply.code(status).send(body)
  }
  return { answer, describe }
}

function findText(failure: Failure, path: string, texts: Texts): readonly [status: number, text: string] {
  const { status, title } = errorCatalogue[failure.code]
  const [fault] = listFaults(failure)
  if (fault !== undefined) return [status, findFaultText(fault, path, texts)]
  const ownStatus = Math.min(status, 500)
  const found =
    pick(texts, path, failure.code) ?? commonTexts[failure.code] ?? pick(texts, path, String(ownStatus)) ?? title
  return typeof found === 'string' ? [ownStatus, found] : found
}

/** A fault without a field is one of the body as a whole. */
function findFaultText({ field, code }: FieldError, path: string, texts: Texts): string {
  if (field === '') return 'Invalid JSON'
  const found = [`${field} ${code}`, code, field]
    .map((key) => pick(texts, path, key))
    .find((text) => text !== undefined)
  return typeof found === 'string' ? found : 'Invalid request'
}

function pick(texts: Texts, path: string, key: string): Texts[string] | undefined {
  return texts[`${path} ${key}`] ?? (Object.hasOwn(texts, key) ? texts[key] : undefined)
}

function listFaults(failure: Failure): readonly FieldError[] {
  return failure.code === 'invalid_request' ? failure.details.errors : []
}
