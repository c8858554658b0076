import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Nullable } from '@latchkey/contracts/ids'
import type { RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { Block } from '../admin-schemas.ts'
import { unwrap } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { NoContent } from '../schemas.ts'
import { readUserId, UserReference } from '../user-reference.ts'

const BlockRequest = forHttp(
  Type.Object(
    {
      until: Type.Optional(
        Nullable(
          Type.String({ maxLength: 40, description: 'A time to come, ISO 8601; without it the block has no end' })
        )
      ),
      reason: Type.Optional(Nullable(Type.String({ maxLength: 500, description: 'A note for admins' })))
    },
    { additionalProperties: false, examples: [{ until: '2026-12-24T18:00:00.000Z', reason: 'Under investigation' }] }
  )
)

const blockUser = {
  config: { access: 'admin', errors: ['user_not_found', 'last_admin'] },
  schema: {
    operationId: 'blockUser',
    summary: 'Block a user',
    description:
      'Once this has answered, every token of the user gets 403 `user_blocked`, a refresh and a sign-in too. Sessions ' +
      'are suspended, not ended: they work again when the block ends, by its time or by an admin. A second block takes the ' +
      'place of the first. It is kept with the account: no loss of sessions lifts it. Only where the session store was put ' +
      'back to before the block do sessions in it work again, until the user is blocked again; sign-ins are refused there too.',
    tags: ['admin'],
    params: UserReference,
    body: BlockRequest,
    response: { 200: forHttp(Block) }
  }
} satisfies RouteShorthandOptions

const unblockUser = {
  config: { access: 'admin', errors: ['user_not_found'] },
  schema: {
    operationId: 'unblockUser',
    summary: 'Lift the block by an admin',
    description: 'Also 204 for a user who is not blocked. Blocks for inactivity end by themselves.',
    tags: ['admin'],
    params: UserReference,
    response: { 204: NoContent }
  }
} satisfies RouteShorthandOptions

/** Keeping users out, and letting them in again. */
export const adminBlockRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { admin } = app.services

  app.put(
    '/admin/users/:userId/block',
    { ...blockUser, preValidation: app.acceptEmptyBody },
    async ({ caller, params, body: { until = null, reason = null }, call }) => {
      const actor = { kind: 'admin', id: caller.user.id } as const
      return unwrap(await admin.block({ userId: readUserId(params), until, note: reason, actor }, call))
    }
  )

  app.delete('/admin/users/:userId/block', unblockUser, async ({ caller, params, call }, reply) => {
    const actor = { kind: 'admin', id: caller.user.id } as const
    unwrap(await admin.unblock({ userId: readUserId(params), actor }, call))
    reply.code(204)
    return null
  })
}
