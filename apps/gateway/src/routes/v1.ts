import type { FastifyInstance } from 'fastify'
import { adminBlockRoutes } from './admin-blocks.ts'
import { adminDeletionRoutes } from './admin-deletion.ts'
import { adminEventRoutes } from './admin-events.ts'
import { adminImportExportRoutes } from './admin-import-export.ts'
import { adminSessionEndingRoutes } from './admin-session-endings.ts'
import { adminSessionRoutes } from './admin-sessions.ts'
import { adminStatsRoutes } from './admin-stats.ts'
import { adminUserRoutes } from './admin-users.ts'
import { emailVerificationRoutes } from './email-verifications.ts'
import { eventRoutes } from './events.ts'
import { meRoutes } from './me.ts'
import { myDataRoutes } from './my-data.ts'
import { passwordResetRoutes } from './password-resets.ts'
import { sessionEndingRoutes } from './session-endings.ts'
import { sessionReportRoutes } from './session-reports.ts'
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
  await app.register(emailVerificationRoutes)
  await app.register(passwordResetRoutes)
  await app.register(sessionReportRoutes)
  await app.register(adminSessionEndingRoutes)
  await app.register(adminStatsRoutes)
  await app.register(adminUserRoutes)
  await app.register(adminSessionRoutes)
  await app.register(adminBlockRoutes)
  await app.register(eventRoutes)
  await app.register(adminEventRoutes)
  await app.register(myDataRoutes)
  await app.register(adminDeletionRoutes)
  await app.register(adminImportExportRoutes)
}
