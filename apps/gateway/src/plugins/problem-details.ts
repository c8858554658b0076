import { errorCatalogue, type Failure, fail } from '@latchkey/contracts/errors'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { CallError } from '../errors.ts'
import { createProblem, createProblemHeaders } from '../problem.ts'
import { readViolations } from '../validation-errors.ts'

/** Answers every error with a problem document; what was not expected goes to the log and is `internal` outside. */
export const problemDetails = fp(
  async (app: FastifyInstance) => {
    app.setErrorHandler(answerProblem)
  },
  { name: 'problem-details' }
)

/** The error handler, and what answers errors that the framework meets before it has a route. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const failure = readFailure(error)
  if (failure.code === 'internal') request.log.error({ err: error, requestId: request.id }, 'request failed')
  sendProblem(failure, request, reply)
}

export function sendProblem(failure: Failure, request: FastifyRequest, reply: FastifyReply): void {
  reply
    .code(errorCatalogue[failure.code].status)
    .headers(createProblemHeaders(failure))
    .header('x-request-id', request.id)
    .send(JSON.stringify(createProblem(failure, request.id)))
}

/** Faults of a request that the framework itself finds, by its error codes. */
const frameworkFailures: Readonly<Record<string, Failure>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: fail('payload_too_large'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: fail('unsupported_media_type'),
  FST_ERR_CTP_INVALID_TYPE: fail('unsupported_media_type'),
  FST_ERR_MAX_PARAM_LENGTH: fail('uri_too_long'),
  FST_ERR_NOT_FOUND: fail('not_found')
}

function readFailure(error: unknown): Failure {
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
