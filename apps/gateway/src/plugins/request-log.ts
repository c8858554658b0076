import type { Metrics } from '@latchkey/runtime/metrics'
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

export interface RequestLogOptions {
  readonly metrics: Metrics
}

/** One line and one measurement for each request. The route's pattern stands for the address, which may hold ids. */
export const requestLog = fp(
  async (app: FastifyInstance, { metrics }: RequestLogOptions) => {
    app.addHook('onResponse', (request, reply, done) => {
      const { url: route = 'unknown' } = request.routeOptions
      metrics.observeRequest(request.method, route, reply.statusCode, reply.elapsedTime)
      log(request, reply, route)
      done()
    })
  },
  { name: 'request-log' }
)

function log(
  { log: lines, method, id: requestId, routeOptions }: FastifyRequest,
  reply: FastifyReply,
  route: string
): void {
  const { statusCode: status } = reply
  const level = isRoutine(method, status, routeOptions.config) ? 'debug' : status >= 500 ? 'error' : 'info'
  if (level === 'debug' && lines.level !== 'debug' && lines.level !== 'trace') return
  lines[level]({ requestId, method, route, status, ms: Math.round(reply.elapsedTime * 10) / 10 }, 'request')
}

/** Reads that went well are most of the traffic and tell least; so are questions of machines about our health. */
function isRoutine(method: string, status: number, { access, url }: FastifyContextConfig & { url?: string }): boolean {
  return (method === 'GET' && status < 400) || (access === undefined && url !== undefined)
}
