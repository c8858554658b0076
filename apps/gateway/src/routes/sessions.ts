import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { createAnswerTexts } from '../answer-texts.ts'
import { unwrap } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { presentSession } from '../present.ts'
import { Current, readPage, SessionPage, sessionListQuery } from '../schemas.ts'
import { writeCurrent } from '../write-current.ts'

const getCurrentSession = {
  config: { access: 'user' },
  schema: {
    operationId: 'getCurrentSession',
    summary: 'Who am I',
    tags: ['sessions'],
    response: { 200: forHttp(Current) }
  }
} satisfies RouteShorthandOptions

const listSessions = {
  config: { access: 'user', limit: 'requests' },
  schema: {
    operationId: 'listSessions',
    summary: 'Own sessions, newest first',
    tags: ['sessions'],
    querystring: sessionListQuery,
    response: { 200: forHttp(SessionPage) }
  }
} satisfies RouteShorthandOptions

/** The question that is asked most: with a kept verdict it costs no promise, and hot callers no serialisation. */
function createCurrentHandler(app: FastifyInstance): (request: FastifyRequest, reply: FastifyReply) => void {
  const getText = createAnswerTexts(writeCurrent)
  return (request, reply) => {
    reply.header('content-type', 'application/json; charset=utf-8')
    app.openExpressLane(request, reply, getText)
    reply.send(getText(request.caller).text)
  }
}

/** The signed-in user's sessions: seeing them. */
export const sessionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { session: sessions } = app.services

  app.get('/sessions/current', getCurrentSession, createCurrentHandler(app))

  app.get('/sessions', listSessions, async ({ caller: { user, session }, query, call }) => {
    const question = { userId: user.id, state: query.state ?? 'active', ...readPage(query) }
    const { items, nextCursor } = unwrap(await sessions.list(question, call))
    return { items: items.map((item) => presentSession(item, session.id)), nextCursor }
  })
}
