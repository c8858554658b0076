import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { accountsContract } from '@latchkey/contracts/accounts'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { unwrap } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { collectPages } from '../pages.ts'
import { presentTimelineData } from '../present-data.ts'
import { NoContent } from '../schemas.ts'
import { MyData } from '../schemas-data.ts'

const { password } = accountsContract.deleteOwn.request.properties

const deleteMe = {
  config: {
    access: 'user',
    limit: 'credentials',
    errors: ['wrong_password', 'user_not_found', 'last_admin', 'too_many_attempts']
  },
  schema: {
    operationId: 'deleteMe',
    summary: 'Delete the own account',
    description:
      'Every session ends with the reason `user_deleted` and all that is held about the user is erased. After a 503 ' +
      'the account is deleted as soon as the services answer.',
    tags: ['me'],
    body: forHttp(
      Type.Object({ password }, { additionalProperties: false, examples: [{ password: 'correct horse battery' }] })
    ),
    response: { 204: NoContent }
  }
} satisfies RouteShorthandOptions

const exportMe = {
  config: { access: 'user', limit: 'credentials', errors: ['user_not_found', 'reauthentication_required'] },
  schema: {
    operationId: 'exportMe',
    summary: 'All data held about the user',
    description: 'Only soon after a sign-in (10 minutes). Nothing that authenticates, and nothing about others.',
    tags: ['me'],
    response: { 200: forHttp(MyData) }
  }
} satisfies RouteShorthandOptions

const PAGE = 100

/** What is held about the signed-in user: having it, and having it erased. */
export const myDataRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { accounts, factors, session: sessions, activity } = app.services

  app.delete('/me', deleteMe, async ({ caller: { user }, body, byCookie, call }, reply) => {
    unwrap(await accounts.deleteOwn({ userId: user.id, ...body }, call))
    if (byCookie) app.sessionCookies.clear(reply)
    reply.code(204)
    return null
  })

  app.get('/me/export', exportMe, async ({ caller: { user, session }, call }, reply) => {
    const userId = user.id
    const account = unwrap(await accounts.getData({ userId, authenticatedAt: session.createdAt }, call))
    const [{ devices }, status, secondFactor] = await Promise.all([
      sessions.listDevices({ userId }, call).then(unwrap),
      activity.getStatus({ userId }, call).then(unwrap),
      factors.describe({ userId }, call).then(unwrap)
    ])
    const page = { userId, limit: PAGE }
    const opened = await collectPages((cursor) => sessions.list({ ...page, state: 'all', cursor }, call))
    const entries = await collectPages((cursor) => activity.listTimeline({ ...page, kind: null, cursor }, call))
    reply.header('content-disposition', 'attachment; filename="my-data.json"')
    return {
      exportedAt: new Date().toISOString(),
      account,
      status,
      sessions: opened.map(({ userId: _, ...facts }) => facts),
      secondFactor,
      devices,
      timeline: entries.map((entry) => presentTimelineData(entry, userId))
    }
  })
}
