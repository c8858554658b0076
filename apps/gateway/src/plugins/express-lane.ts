import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Metrics } from '@latchkey/runtime/metrics'
import { Counter } from '@prometheus-io/client'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { AnswerText } from '../answer-texts.ts'
import { readRequestId } from '../call.ts'
import type { Caller } from '../caller.ts'
import { readPlainRequest } from '../plain-request.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Called by a route that is about to answer 200 with `getText`: from then on its plain requests whose verdict is
     * kept get the same answer before the framework has begun with them.
     */
    openExpressLane(request: FastifyRequest, reply: FastifyReply, getText: (caller: Caller) => AnswerText): void
  }
}

interface Lane {
  /** Names and values in turn, as the route's own answer had them. */
  readonly fields: readonly string[]
  readonly getText: (caller: Caller) => AnswerText
  answered: number
}

/**
 * "Who am I" is asked with every request of every client, and with a kept verdict the framework around the answer would
 * cost more than the answer. So such requests are answered first thing, by what the route has answered before: header
 * fields and body come from there, and whatever is not a plain reading request with a kept verdict goes the ordinary
 * way. Nothing is decided here that is not decided there: the verdict is the holder's.
 */
export const expressLane = fp(
  async (app: FastifyInstance, { metrics }: { readonly metrics: Metrics }) => {
    const { verdicts, draining, clock } = app
    const lanes = new Map<string, Lane>()
    // Where every request is a line in the log, every request goes the way that writes it.
    const isOpen = app.log.level !== 'debug' && app.log.level !== 'trace'

    app.decorate('openExpressLane', ({ raw, routeOptions }, reply, getText) => {
      const { url = '', method, rawHeaders } = raw
      if (!isOpen || method !== 'GET' || lanes.has(url) || readPlainRequest(rawHeaders) === undefined) return
      // One lane for each route: a query, and other spellings of the path, are whatever clients like.
      if (url !== routeOptions.url) return
      lanes.set(url, { fields: listFields(reply), getText, answered: 0 })
    })

    countAnswers(metrics, lanes)

    const answer = (request: IncomingMessage, response: ServerResponse): boolean => {
      if (request.method !== 'GET' || draining.isOn) return false
      const { url = '' } = request
      const lane = lanes.get(url)
      const plain = lane === undefined ? undefined : readPlainRequest(request.rawHeaders)
      if (lane === undefined || plain === undefined) return false
      const caller = verdicts.recall(plain.token, plain.activity)
      if (caller === undefined) return false
      if (plain.activity) caller.use(clock.nowMs())
      send(response, lane.fields, lane.getText(caller), readRequestId(plain.requestId))
      lane.answered += 1
      return true
    }

    const { server } = app
    const ordinary = server.listeners('request')
    server.removeAllListeners('request')
    server.on('request', (request, response) => {
      if (answer(request, response)) return
      for (const listener of ordinary) listener.call(server, request, response)
    })
  },
  { name: 'express-lane', dependencies: ['verdicts', 'clock', 'request-log', 'draining'] }
)

/** They take microseconds, of which a measurement would be a good part: so they are counted, and not timed. */
function countAnswers({ registry }: Metrics, lanes: ReadonlyMap<string, Lane>): void {
  new Counter({
    name: 'latchkey_http_express_requests_total',
    help: 'Requests answered by a kept verdict before the framework began with them; in no other metric of requests',
    labelNames: ['route'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [route, { answered }] of lanes) this.inc({ route }, answered)
    }
  })
}

/** All but what is each request's own. */
function listFields(reply: FastifyReply): readonly string[] {
  return Object.entries(reply.getHeaders())
    .filter(([name]) => name !== 'x-request-id')
    .flatMap(([name, value]) => [name, String(value)])
}

function send(
  response: ServerResponse,
  fields: readonly string[],
  { text, length }: AnswerText,
  requestId: string
): void {
  response.writeHead(200, [...fields, 'x-request-id', requestId, 'content-length', length])
  response.end(text)
}
