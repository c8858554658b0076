import type { FastifyInstance } from 'fastify'
import { adminBlockRoutes } from './admin-blocks.ts'
import { adminSessionRoutes } from './admin-sessions.ts'
import { adminUserRoutes } from './admin-users.ts'
import { meRoutes } from './me.ts'
import { sessionEndingRoutes } from './session-endings.ts'
import { sessionRoutes } from './sessions.ts'
import { signInRoutes } from './sign-in.ts'
import { totpRoutes } from './totp.ts'
import { userRoutes } from './users.ts'

/** The product's own interface. */
export async function v1Routes(app: FastifyInstance): Promise<void> {
  await app.register(userRoutes)
  await app.register(signInRoutes)
  await app.register(sessionRoutes)
  await app.register(sessionEndingRoutes)
  await app.register(meRoutes)
  await app.register(totpRoutes)
  await app.register(adminUserRoutes)
  await app.register(adminSessionRoutes)
  await app.register(adminBlockRoutes)
}
