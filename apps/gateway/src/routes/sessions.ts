import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { unwrap } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { presentSession, presentUser } from '../present.ts'
import { Current, pageQuery, readPage, SessionPage } from '../schemas.ts'

const ListQuery = forHttp(
  Type.Object(
    {
      state: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('ended'), Type.Literal('all')])),
      ...pageQuery
    },
    { additionalProperties: false }
  )
)

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
  config: { access: 'user' },
  schema: {
    operationId: 'listSessions',
    summary: 'Own sessions, newest first',
    tags: ['sessions'],
    querystring: ListQuery,
    response: { 200: forHttp(SessionPage) }
  }
} satisfies RouteShorthandOptions

/** The signed-in user's sessions: seeing them. */
export const sessionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { session: sessions } = app.services

  app.get('/sessions/current', getCurrentSession, async ({ caller: { user, session, lastActiveAt } }) => ({
    user: presentUser(user, lastActiveAt),
    session: presentSession(session, session.id)
  }))

  app.get('/sessions', listSessions, async ({ caller: { user, session }, query, call }) => {
    const question = { userId: user.id, state: query.state ?? 'active', ...readPage(query) }
    const { items, nextCursor } = unwrap(await sessions.list(question, call))
    return { items: items.map((item) => presentSession(item, session.id)), nextCursor }
  })
}
