import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { Static } from 'typebox'
import { type AnswerText, createAnswerTexts } from '../answer-texts.ts'
import type { Caller } from '../caller.ts'
import { unwrap } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { presentSession, presentUser } from '../present.ts'
import { Current, readPage, SessionPage, sessionListQuery } from '../schemas.ts'

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

/** The question that is asked most: with a kept verdict it costs neither a promise nor, as a rule, a serialisation. */
function createCurrentHandler(app: FastifyInstance): (request: FastifyRequest, reply: FastifyReply) => void {
  let getText: ((caller: Caller) => AnswerText) | undefined
  return (request, reply) => {
    getText ??= createAnswerTexts(createSerializer(reply))
    reply.header('content-type', 'application/json; charset=utf-8')
    app.openExpressLane(request, reply, getText)
    reply.send(getText(request.caller).text)
  }
}

/** By the route's own schema, which leaves out what it does not name and is compiled by the time the route answers. */
function createSerializer(reply: FastifyReply): (caller: Caller) => string {
  const serialize = reply.getSerializationFunction('200')
  if (serialize === undefined) throw new Error('the route has no schema for its answer')
  return ({ user, usedSession, lastActiveAt }) =>
    String(
      serialize({
        user: presentUser(user, lastActiveAt),
        session: { ...usedSession, current: true }
      } satisfies Static<typeof Current>)
    )
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
