import { fail } from '@latchkey/contracts/errors'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { sendProblem } from './problem-details.ts'

export interface ListedRoute {
  readonly method: string
  readonly url: string
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route registered so far, the HEAD twins among them. */
    listRoutes(): readonly ListedRoute[]
  }
}

/** An address that exists, asked by a method that does not, is 405 and names those that do. Searching for some is limited. */
export const notFound = fp(
  async (app: FastifyInstance) => {
    const routes: ListedRoute[] = []
    app.decorate('listRoutes', () => routes)
    app.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) routes.push({ method: each, url })
    })

    app.setNotFoundHandler({ preHandler: app.limitRequests.requests }, (request, reply) => {
      const path = request.url.split('?', 1)[0] ?? ''
      const methods = routes
        .filter((route) => route.url !== '*' && matches(route.url, path))
        .map(({ method }) => method)
      if (methods.length === 0) {
        sendProblem(fail('not_found'), request, reply)
        return
      }
      reply.header('allow', [...new Set(methods)].join(', '))
      sendProblem(fail('method_not_allowed'), request, reply)
    })
  },
  { name: 'not-found', dependencies: ['problem-details', 'rate-limit'] }
)

/** Whether a path fits a route's pattern, segment by segment. */
function matches(pattern: string, path: string): boolean {
  const expected = pattern.split('/')
  const given = path.split('/')
  if (expected.at(-1) === '*') return expected.slice(0, -1).every((segment, index) => segment === given[index])
  return (
    expected.length === given.length &&
    expected.every((segment, index) => (segment.startsWith(':') ? given[index] !== '' : segment === given[index]))
  )
}
