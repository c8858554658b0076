import type { authContract } from '@latchkey/contracts/auth'
import type { Handlers } from '@latchkey/contracts/define'
import type { factorsContract } from '@latchkey/contracts/factors'
import { changePassword } from './domain/change-password.ts'
import { confirmFactor } from './domain/confirm-factor.ts'
import { describeFactor } from './domain/describe-factor.ts'
import { enrollFactor } from './domain/enroll-factor.ts'
import type { FactorDeps } from './domain/factor-ports.ts'
import { findUser } from './domain/find-user.ts'
import { getUser } from './domain/get-user.ts'
import { register } from './domain/register.ts'
import { removeFactor, removeFactorFor } from './domain/remove-factor.ts'
import { signIn } from './domain/sign-in.ts'
import { signInTrusted } from './domain/sign-in-trusted.ts'
import { updateProfile } from './domain/update-profile.ts'
import { withStore } from './with-store.ts'

export function createHandlers(deps: FactorDeps): Handlers<typeof authContract> {
  return {
    register: withStore((request, context) => register(deps, request, context)),
    signIn: withStore((request, context) => signIn(deps, request, context)),
    signInTrusted: withStore((request, context) => signInTrusted(deps, request, context)),
    findUser: withStore((request) => findUser(deps, request)),
    getUser: withStore((request) => getUser(deps, request)),
    updateProfile: withStore((request, context) => updateProfile(deps, request, context)),
    changePassword: withStore((request, context) => changePassword(deps, request, context))
  }
}

export function createFactorHandlers(deps: FactorDeps): Handlers<typeof factorsContract> {
  return {
    describe: withStore((request) => describeFactor(deps, request)),
    enroll: withStore((request) => enrollFactor(deps, request)),
    confirm: withStore((request, context) => confirmFactor(deps, request, context)),
    remove: withStore((request, context) => removeFactor(deps, request, context)),
    removeFor: withStore((request, context) => removeFactorFor(deps, request, context))
  }
}
