import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Timestamp, UserId } from '@latchkey/contracts/ids'
import { TimelineKind } from '@latchkey/contracts/timeline'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { answerActivity } from '../answer-activity.ts'
import { unwrap } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { ActivityQuery, activityAnswer, EventPage, pageQuery, readPage } from '../schemas.ts'
import { readUserId, UserReference } from '../user-reference.ts'

const EventQuery = forHttp(
  Type.Object(
    {
      kind: Type.Optional(TimelineKind),
      user: Type.Optional(UserId),
      from: Type.Optional(Timestamp),
      to: Type.Optional(Timestamp),
      ...pageQuery
    },
    { additionalProperties: false }
  )
)

const listEvents = {
  config: { access: 'admin' },
  schema: {
    operationId: 'listEvents',
    summary: 'What happened to anybody, newest first',
    description:
      '`from` is the first moment, `to` the first that is left out. Of one user there is as much as their timeline holds; ' +
      'of all together the latest. Of a user who was deleted the id alone is left.',
    tags: ['admin'],
    querystring: EventQuery,
    response: { 200: forHttp(EventPage) }
  }
} satisfies RouteShorthandOptions

const getUserActivity = {
  config: { access: 'admin', errors: ['user_not_found'] },
  schema: {
    operationId: 'getUserActivity',
    summary: "A user's status and timeline, newest first",
    description: 'With `Accept: text/csv` the page comes as CSV, the next one named by a `Link` header.',
    tags: ['admin'],
    params: UserReference,
    querystring: ActivityQuery,
    response: { 200: activityAnswer }
  }
} satisfies RouteShorthandOptions

/** What admins see of what happens. */
export const adminEventRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { auth, activity } = app.services

  app.get('/admin/events', listEvents, async ({ query, call }) => {
    const { kind = null, user: userId = null, from = null, to = null } = query
    return unwrap(await activity.listEvents({ userId, kind, from, to, ...readPage(query) }, call))
  })

  app.get('/admin/users/:userId/activity', getUserActivity, async (request, reply) => {
    const user = unwrap(await auth.getUser({ userId: readUserId(request.params) }, request.call))
    return await answerActivity(request, reply, user.id)
  })
}
