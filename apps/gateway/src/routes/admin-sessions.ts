import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { SessionReference } from '@latchkey/contracts/session'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { unwrap } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { presentSession } from '../present.ts'
import { Ended, NoContent, readPage, SessionPage, sessionListQuery } from '../schemas.ts'
import { readUserId, UserReference } from '../user-reference.ts'

const listUserSessions = {
  config: { access: 'admin', errors: ['user_not_found'] },
  schema: {
    operationId: 'listUserSessions',
    summary: 'Sessions of a user, newest first',
    tags: ['admin'],
    params: UserReference,
    querystring: sessionListQuery,
    response: { 200: forHttp(SessionPage) }
  }
} satisfies RouteShorthandOptions

const endUserSession = {
  config: { access: 'admin', errors: ['user_not_found', 'session_not_found'] },
  schema: {
    operationId: 'endUserSession',
    summary: 'End one session of a user',
    description: 'Its reason is `revoked_by_admin`. Once this has answered, the session is accepted nowhere.',
    tags: ['admin'],
    params: Type.Object({ ...UserReference.properties, sessionId: SessionReference }),
    response: { 204: NoContent }
  }
} satisfies RouteShorthandOptions

const endUserSessions = {
  config: { access: 'admin', errors: ['user_not_found'] },
  schema: {
    operationId: 'endUserSessions',
    summary: 'End all sessions of a user',
    description: 'Their reason is `revoked_by_admin`. Once this has answered, none of them is accepted anywhere.',
    tags: ['admin'],
    params: UserReference,
    response: { 200: forHttp(Ended) }
  }
} satisfies RouteShorthandOptions

/** Sessions of any user. Ending them needs the session service alone; only who finds none asks whether there is a user. */
export const adminSessionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { admin, session: sessions } = app.services

  app.get(
    '/admin/users/:userId/sessions',
    listUserSessions,
    async ({ caller: { session }, params, query: { state = 'active', ...page }, call }) => {
      const userId = readUserId(params)
      const question = { userId, state, ...readPage(page) }
      const [user, listed] = await Promise.all([admin.getUser({ userId }, call), sessions.list(question, call)])
      unwrap(user)
      const { items, nextCursor } = unwrap(listed)
      return { items: items.map((item) => presentSession(item, session.id)), nextCursor }
    }
  )

  app.delete(
    '/admin/users/:userId/sessions/:sessionId',
    endUserSession,
    async ({ caller: { user }, params, call }, reply) => {
      const userId = readUserId(params)
      const actor = { kind: 'admin', id: user.id } as const
      const reason = 'revoked_by_admin'
      const ended = await sessions.end({ userId, sessionId: params.sessionId, reason, actor }, call)
      if (!ended.ok && ended.code === 'session_not_found') unwrap(await admin.getUser({ userId }, call))
      unwrap(ended)
      reply.code(204)
      return null
    }
  )

  app.delete('/admin/users/:userId/sessions', endUserSessions, async ({ caller: { user }, params, call }) => {
    const userId = readUserId(params)
    const actor = { kind: 'admin', id: user.id } as const
    const request = { userId, exceptSessionId: null, reason: 'revoked_by_admin', epoch: null, actor } as const
    const ended = unwrap(await sessions.endAll(request, call))
    if (ended.ended === 0) unwrap(await admin.getUser({ userId }, call))
    return ended
  })
}
