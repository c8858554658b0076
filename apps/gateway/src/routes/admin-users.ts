import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type AdministeredUser as Administered, UserState } from '@latchkey/contracts/admin'
import { Role } from '@latchkey/contracts/ids'
import type { FastifyRequest, RouteShorthandOptions } from 'fastify'
import Type from 'typebox'
import { AdministeredUser, AdministeredUserPage, UserDetail } from '../admin-schemas.ts'
import { unwrap } from '../errors.ts'
import { forHttp } from '../http-schema.ts'
import { presentAdmin, presentSession } from '../present.ts'
import { pageQuery, readPage } from '../schemas.ts'
import { readUserId, UserReference } from '../user-reference.ts'

const MAX_TOLD_SESSIONS = 100

const UserQuery = forHttp(
  Type.Object(
    {
      query: Type.Optional(
        Type.String({
          maxLength: 200,
          description:
            'Part of a name, e-mail address, user name or mobile; of fewer than three characters, its beginning'
        })
      ),
      state: Type.Optional(UserState),
      role: Type.Optional(Role),
      ...pageQuery
    },
    { additionalProperties: false }
  )
)

const listUsers = {
  config: { access: 'admin' },
  schema: {
    operationId: 'listUsers',
    summary: 'Users, newest first',
    description:
      '`blocked` and `active` are about blocks by admins; `unverified` is who has an e-mail address that is not ' +
      'verified. A search that would take longer than the database may is given up: 503.',
    tags: ['admin'],
    querystring: UserQuery,
    response: { 200: forHttp(AdministeredUserPage) }
  }
} satisfies RouteShorthandOptions

const getUser = {
  config: { access: 'admin', errors: ['user_not_found'] },
  schema: {
    operationId: 'getUser',
    summary: 'One user, with block and live sessions',
    tags: ['admin'],
    params: UserReference,
    response: { 200: forHttp(UserDetail) }
  }
} satisfies RouteShorthandOptions

const updateUser = {
  config: { access: 'admin', errors: ['user_not_found', 'last_admin'] },
  schema: {
    operationId: 'updateUser',
    summary: 'Change the role',
    description:
      'Holds for the next request, whatever tokens say. Who loses the role is signed out everywhere ' +
      '(`revoked_by_admin`); who gets it stays signed in. The last admin who is not blocked keeps it.',
    tags: ['admin'],
    params: UserReference,
    body: Type.Object({ role: forHttp(Role) }, { additionalProperties: false, examples: [{ role: 'admin' }] }),
    response: { 200: forHttp(AdministeredUser) }
  }
} satisfies RouteShorthandOptions

/** Users as admins see and change them. */
export const adminUserRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { admin, activity, session: sessions } = app.services

  /** Without the activity service nobody knows when users were last active; they are shown all the same. */
  async function present(users: readonly Administered[], { call }: FastifyRequest) {
    const listed = await activity.listLastActive({ userIds: users.map(({ id }) => id) }, call)
    const times = listed.ok ? listed.value.times : []
    return users.map((user, index) => presentAdmin(user, times[index] ?? null))
  }

  async function presentOne(user: Administered, request: FastifyRequest) {
    const [presented = presentAdmin(user, null)] = await present([user], request)
    return presented
  }

  app.get('/admin/users', listUsers, async (request) => {
    const { query, state, role, ...page } = request.query
    const question = { query: query ?? null, state: state ?? null, role: role ?? null, ...readPage(page) }
    const { items, nextCursor } = unwrap(await admin.listUsers(question, request.call))
    return { items: await present(items, request), nextCursor }
  })

  app.get('/admin/users/:userId', getUser, async (request) => {
    const { caller, call } = request
    const userId = readUserId(request.params)
    const question = { userId, state: 'active', limit: MAX_TOLD_SESSIONS, cursor: null } as const
    const [found, listed] = await Promise.all([admin.getUser({ userId }, call), sessions.list(question, call)])
    const user = await presentOne(unwrap(found), request)
    return { ...user, sessions: unwrap(listed).items.map((item) => presentSession(item, caller.session.id)) }
  })

  app.patch('/admin/users/:userId', updateUser, async (request) => {
    const { caller, body, call } = request
    const actor = { kind: 'admin', id: caller.user.id } as const
    const change = { userId: readUserId(request.params), role: body.role, actor }
    return await presentOne(unwrap(await admin.setRole(change, call)), request)
  })
}
