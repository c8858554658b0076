import type { authContract } from '@latchkey/contracts/auth'
import type { Handlers } from '@latchkey/contracts/define'
import { changePassword } from './domain/change-password.ts'
import { findUser } from './domain/find-user.ts'
import { getUser } from './domain/get-user.ts'
import type { Deps } from './domain/ports.ts'
import { register } from './domain/register.ts'
import { signIn } from './domain/sign-in.ts'
import { signInTrusted } from './domain/sign-in-trusted.ts'
import { updateProfile } from './domain/update-profile.ts'
import { withStore } from './with-store.ts'

export function createHandlers(deps: Deps): Handlers<typeof authContract> {
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
