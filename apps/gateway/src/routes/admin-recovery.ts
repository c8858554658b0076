import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { unwrap } from '../errors.ts'
import { NoContent } from '../schemas.ts'
import { readUserId, UserReference } from '../user-reference.ts'

const sendReset = {
  config: { access: 'admin', errors: ['invalid_request', 'user_not_found'] },
  schema: {
    operationId: 'sendPasswordReset',
    summary: 'Mail a link that resets the password',
    description: 'To the address of the user; 400 for one who has none. The link works once, for an hour.',
    tags: ['admin'],
    params: UserReference,
    response: { 202: Type.Null({ description: 'The mail is on its way' }) }
  }
} satisfies RouteShorthandOptions

const removeFactor = {
  config: { access: 'admin', errors: ['user_not_found'] },
  schema: {
    operationId: 'removeUserTotp',
    summary: 'Remove the second factor',
    description: 'Every session of the user ends (`revoked_by_admin`). Does nothing where there is no second factor.',
    tags: ['admin'],
    params: UserReference,
    response: { 204: NoContent }
  }
} satisfies RouteShorthandOptions

/** How admins help users back in who have lost what they sign in with. */
export const adminRecoveryRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { recovery, factors } = app.services

  app.post('/admin/users/:userId/password-reset', sendReset, async ({ params, caller, call }, reply) => {
    unwrap(await recovery.requestResetFor({ userId: readUserId(params), adminId: caller.user.id }, call))
    reply.code(202)
    return null
  })

  app.delete('/admin/users/:userId/totp', removeFactor, async ({ params, caller, call }, reply) => {
    unwrap(await factors.removeFor({ userId: readUserId(params), adminId: caller.user.id }, call))
    reply.code(204)
    return null
  })
}
