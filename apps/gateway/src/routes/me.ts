import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { authContract } from '@latchkey/contracts/auth'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { answerActivity } from '../answer-activity.ts'
import { unwrap } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { presentUser } from '../present.ts'
import { ActivityQuery, activityAnswer, NoContent, User } from '../schemas.ts'

const { changes } = authContract.updateProfile.request.properties
const { currentPassword, newPassword } = authContract.changePassword.request.properties

const ProfileChanges = forHttp(
  Type.Object(changes.properties, {
    additionalProperties: false,
    examples: [{ firstName: 'Ada', lastName: 'Lovelace' }]
  })
)

const PasswordChange = forHttp(
  Type.Object(
    { currentPassword, newPassword },
    {
      additionalProperties: false,
      examples: [{ currentPassword: 'correct horse battery', newPassword: 'staple of the trade' }]
    }
  )
)

const getMe = {
  config: { access: 'user' },
  schema: { operationId: 'getMe', summary: 'Own profile', tags: ['me'], response: { 200: forHttp(User) } }
} satisfies RouteShorthandOptions

const updateMe = {
  config: { access: 'user', errors: ['identifier_taken', 'reauthentication_required'] },
  schema: {
    operationId: 'updateMe',
    summary: 'Change the profile',
    description:
      'Fields left out stay; `null` removes a value. Identifiers change only soon after a sign-in. An e-mail address that ' +
      'replaces another one does so once a link that is mailed to it was followed; until then `email` is the old one.',
    tags: ['me'],
    body: ProfileChanges,
    response: { 200: forHttp(User) }
  }
} satisfies RouteShorthandOptions

const changePassword = {
  config: { access: 'user', limit: 'credentials', errors: ['wrong_password', 'too_many_attempts'] },
  schema: {
    operationId: 'changePassword',
    summary: 'Change the password',
    description: 'Every other session ends; this one goes on.',
    tags: ['me'],
    body: PasswordChange,
    response: { 204: NoContent }
  }
} satisfies RouteShorthandOptions

const getMyActivity = {
  config: { access: 'user' },
  schema: {
    operationId: 'getMyActivity',
    summary: 'Own status and timeline, newest first',
    description:
      'With `Accept: text/csv` the page of the timeline comes as CSV, the next one named by a `Link` header.',
    tags: ['me'],
    querystring: ActivityQuery,
    response: { 200: activityAnswer }
  }
} satisfies RouteShorthandOptions

/** The signed-in user: profile, password, activity. */
export const meRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { auth } = app.services

  app.get('/me', getMe, async ({ caller: { user, lastActiveAt } }) => presentUser(user, lastActiveAt))

  app.patch('/me', updateMe, async ({ caller: { user, session, lastActiveAt }, body, call }) => {
    const request = { userId: user.id, authenticatedAt: session.createdAt, changes: body }
    return presentUser(unwrap(await auth.updateProfile(request, call)), lastActiveAt)
  })

  app.put('/me/password', changePassword, async ({ caller: { user, session }, body, call }, reply) => {
    const request = { userId: user.id, sessionId: session.id, ...body }
    unwrap(await auth.changePassword(request, call))
    reply.code(204)
    return null
  })

  app.get('/me/activity', getMyActivity, (request, reply) => answerActivity(request, reply, request.caller.user.id))
}
