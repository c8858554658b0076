import { errorCatalogue } from '@latchkey/contracts/errors'
import type { Metrics } from '@latchkey/runtime/metrics'
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { createRefusalLog, type RefusalLog } from '../refusal-log.ts'

const UNAVAILABLE = errorCatalogue.unavailable.status

export interface RequestLogOptions {
  readonly metrics: Metrics
}

/**
 * One line and one measurement for each request; see `createRefusalLog` for those that are refused for now. The route's
 * pattern stands for the address, which may hold ids.
 */
export const requestLog = fp(
  async (app: FastifyInstance, { metrics }: RequestLogOptions) => {
    const refusals = createRefusalLog(app.log)
    app.addHook('onResponse', (request, reply, done) => {
      const { url: route = 'unknown' } = request.routeOptions
      metrics.observeRequest(request.method, route, reply.statusCode, reply.elapsedTime)
      log(request, reply, route, refusals)
      done()
    })
    app.addHook('onClose', async () => refusals.close())
  },
  { name: 'request-log' }
)

function log(
  { log: lines, method, id: requestId, routeOptions }: FastifyRequest,
  reply: FastifyReply,
  route: string,
  refusals: RefusalLog
): void {
  const { statusCode: status } = reply
  const isVerbose = lines.level === 'debug' || lines.level === 'trace'
  const level = isRoutine(method, status, routeOptions.config) ? 'debug' : status >= 500 ? 'error' : 'info'
  if (level === 'debug' && !isVerbose) return
  const fields = { requestId, method, route, status, ms: Math.round(reply.elapsedTime * 10) / 10 }
  if (status === UNAVAILABLE && level !== 'debug' && !isVerbose) refusals.note(fields)
  else lines[level](fields, 'request')
}

/** Reads that went well are most of the traffic and tell least; so are questions of machines about our health. */
function isRoutine(method: string, status: number, { access, url }: FastifyContextConfig & { url?: string }): boolean {
  return (method === 'GET' && status < 400) || (access === undefined && url !== undefined)
}
