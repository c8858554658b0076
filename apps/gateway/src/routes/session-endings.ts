import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { SessionReference } from '@latchkey/contracts/session'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { unwrap } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { Ended, NoContent } from '../schemas.ts'

const EndQuery = forHttp(
  Type.Object({ except: Type.Optional(Type.Literal('current')) }, { additionalProperties: false })
)

const signOut = {
  config: { access: 'leaving' },
  schema: {
    operationId: 'signOut',
    summary: 'Sign out',
    description: 'Works with an access token that is over, and twice: the session has ended, that is all it says.',
    tags: ['sessions'],
    response: { 204: NoContent }
  }
} satisfies RouteShorthandOptions

const endSession = {
  config: { access: 'user', restsOnKept: true, errors: ['session_not_found'] },
  schema: {
    operationId: 'endSession',
    summary: 'End one session',
    tags: ['sessions'],
    params: Type.Object({ sessionId: SessionReference }),
    response: { 204: NoContent }
  }
} satisfies RouteShorthandOptions

const endSessions = {
  config: { access: 'user' },
  schema: {
    operationId: 'endSessions',
    summary: 'End all sessions, or all others',
    tags: ['sessions'],
    querystring: EndQuery,
    response: { 200: forHttp(Ended) }
  }
} satisfies RouteShorthandOptions

/** The signed-in user's sessions: ending them. */
export const sessionEndingRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { session: sessions } = app.services

  app.delete(
    '/sessions/current',
    signOut,
    async ({ claims: { sub: userId, sid: sessionId }, byCookie, call }, reply) => {
      const ended = await sessions.end({ userId, sessionId, reason: 'signed_out' }, call)
      if (ended.ok || ended.code !== 'session_not_found') unwrap(ended)
      if (byCookie) app.sessionCookies.clear(reply)
      reply.code(204)
      return null
    }
  )

  app.delete(
    '/sessions/:sessionId',
    endSession,
    async ({ caller: { user, session }, params: { sessionId }, byCookie, call }, reply) => {
      unwrap(await sessions.end({ userId: user.id, sessionId, reason: 'revoked_by_user' }, call))
      if (byCookie && sessionId === session.id) app.sessionCookies.clear(reply)
      reply.code(204)
      return null
    }
  )

  app.delete('/sessions', endSessions, async ({ caller: { user, session }, query, byCookie, call }, reply) => {
    const exceptSessionId = query.except === 'current' ? session.id : null
    const request = { userId: user.id, exceptSessionId, reason: 'revoked_by_user', epoch: null } as const
    const ended = unwrap(await sessions.endAll(request, call))
    if (byCookie && exceptSessionId === null) app.sessionCookies.clear(reply)
    return ended
  })
}
