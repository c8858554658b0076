import { errorCatalogue, type Failure } from '@latchkey/contracts/errors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { readFailure } from '../errors.ts'
import { createProblem, createProblemHeaders } from '../problem.ts'

/** Answers every error with a problem document; what was not expected goes to the log and is `internal` outside. */
export const problemDetails = fp(
  async (app: FastifyInstance) => {
    app.setErrorHandler(answerProblem)
  },
  { name: 'problem-details' }
)

/** The error handler, and what answers errors that the framework meets before it has a route. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(readFailure(error, request), request, reply)
}

export function sendProblem(failure: Failure, request: FastifyRequest, reply: FastifyReply): void {
  reply
    .code(errorCatalogue[failure.code].status)
    .headers(createProblemHeaders(failure))
    .header('x-request-id', request.id)
    .send(JSON.stringify(createProblem(failure, request.id)))
}
