import type { FastifyInstance } from 'fastify'
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
}
