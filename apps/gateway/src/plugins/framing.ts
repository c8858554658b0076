import { fail, failField } from '@latchkey/contracts/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { CallError } from '../errors.ts'

const MAX_URL_LENGTH = 4096

/** Refuses what the HTTP parser lets through but two readers could understand in two ways; names the request. */
export const framing = fp(
  async (app: FastifyInstance) => {
    app.addHook('onRequest', (request, reply, done) => {
      reply.header('x-request-id', request.id)
      const fault = findFault(request)
      // Who else reads this connection may see another end of the request, or none: it is read no further.
      if (fault !== undefined) reply.header('connection', 'close')
      done(fault)
    })
  },
  { name: 'framing' }
)

function findFault({ raw, routeOptions }: FastifyRequest): CallError | undefined {
  if ((raw.url?.length ?? 0) > MAX_URL_LENGTH) return new CallError(fail('uri_too_long'))
  const hosts = countHeader(raw.rawHeaders, 'host')
  if (hosts > 1 || (hosts === 0 && raw.httpVersion === '1.1')) return repeated('host')
  if (countHeader(raw.rawHeaders, 'authorization') > 1) {
    const { access = 'public' } = routeOptions.config
    return access === 'public' ? repeated('authorization') : new CallError(fail('unauthenticated'))
  }
  return undefined
}

function repeated(field: string): CallError {
  return new CallError(failField(field, 'not_exactly_one', 'This header has to be there exactly once'))
}

/** Names stand at even places. Compares lengths first: it runs for every request. */
function countHeader(rawHeaders: readonly string[], name: string): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const given = rawHeaders[index]
    if (given !== undefined && given.length === name.length && given.toLowerCase() === name) count += 1
  }
  return count
}
