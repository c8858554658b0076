import type { Handlers } from '@latchkey/contracts/define'
import type { recoveryContract } from '@latchkey/contracts/recovery'
import type { Deps } from './domain/ports.ts'
import { reportSession } from './domain/report-session.ts'
import { requestReset, requestResetFor } from './domain/request-reset.ts'
import { requestVerification } from './domain/request-verification.ts'
import { resetPassword } from './domain/reset-password.ts'
import { verifyEmail } from './domain/verify-email.ts'
import { withStore } from './with-store.ts'

export function createRecoveryHandlers(deps: Deps): Handlers<typeof recoveryContract> {
  return {
    requestVerification: withStore((request) => requestVerification(deps, request)),
    verifyEmail: withStore((request, context) => verifyEmail(deps, request, context)),
    requestReset: withStore((request) => requestReset(deps, request)),
    requestResetFor: withStore((request) => requestResetFor(deps, request)),
    resetPassword: withStore((request, context) => resetPassword(deps, request, context)),
    reportSession: withStore((request, context) => reportSession(deps, request, context))
  }
}
