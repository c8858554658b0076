import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RouteShorthandOptions } from 'fastify'
import { unwrap } from '../errors.ts'
import { NoContent } from '../schemas.ts'
import { readUserId, UserReference } from '../user-reference.ts'

const deleteUser = {
  config: { access: 'admin', errors: ['user_not_found', 'last_admin'] },
  schema: {
    operationId: 'deleteUser',
    summary: 'Delete a user',
    description:
      'Their sessions end with the reason `user_deleted` and all that is held about them is erased. After a 503 the user ' +
      'is deleted as soon as the services answer; asked again, it waits for that.',
    tags: ['admin'],
    params: UserReference,
    response: { 204: NoContent }
  }
} satisfies RouteShorthandOptions

/** The end of other users. */
export const adminDeletionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.delete('/admin/users/:userId', deleteUser, async ({ caller: { user }, params, call }, reply) => {
    unwrap(await app.services.accounts.delete({ userId: readUserId(params), adminId: user.id }, call))
    reply.code(204)
    return null
  })
}
