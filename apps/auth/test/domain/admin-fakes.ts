import { fail, ok } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import type { AdminDeps } from '../../src/domain/admin-ports.ts'
import { type Calls, createCredentials, createFakes, now, userId } from './fakes.ts'

export const actor = { kind: 'admin', id: '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b99' } as const
export const unknownId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b00'

/** The fakes of every other domain test, and a store of admins that knows the same user. */
export function createAdminFakes(given: Partial<AdminDeps> = {}): {
  deps: AdminDeps
  calls: Calls
  events: PlatformEvent[]
} {
  const { deps, calls, events } = createFakes()
  const user = { ...createCredentials(), profileVersion: 8 }
  const at = new Date(now)
  const admins: AdminDeps['admins'] = {
    search: async (search) => {
      calls.push(['search', search])
      return Array.from({ length: Math.min(search.limit, 3) }, (_, index) => {
        return { ...user, profile: { ...user.profile, number: 30 - index } }
      })
    },
    setRole: async (change, describe) => {
      calls.push(['setRole', change])
      if (change.userId !== userId) return fail('user_not_found')
      events.push(describe(8))
      const ending = { id: '9', userId, exceptSessionId: '', epoch: 4, adminId: change.adminId } as const
      return ok({ user, ending: change.role === 'admin' ? undefined : { ...ending, reason: 'revoked_by_admin' } })
    },
    block: async (change, describe) => {
      calls.push(['block', change])
      if (change.userId !== userId) return fail('user_not_found')
      events.push(describe(8))
      const block = { at, until: change.until ?? undefined, by: actor.id, note: change.note ?? undefined }
      return ok({ user: { ...user, block }, block })
    },
    unblock: async (id, describe) => {
      calls.push(['unblock', id])
      if (id !== userId) return fail('user_not_found')
      events.push(describe(8))
      return ok(user)
    }
  }
  return { deps: { ...deps, admins, ...given }, calls, events }
}
