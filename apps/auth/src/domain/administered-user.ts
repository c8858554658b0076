import type { AdminBlock, AdministeredUser } from '@latchkey/contracts/admin'
import type { Actor } from '@latchkey/contracts/ids'
import type { User, UserBlock } from './ports.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** False for texts that no user can have for an id. */
export function isUserId(text: string): boolean {
  return UUID.test(text)
}

export function findAdminId({ kind, id }: Actor): string | null {
  return kind === 'admin' ? id : null
}

export function presentAdministeredUser({ profile, block }: User): AdministeredUser {
  return { ...profile, block: block === undefined ? null : presentBlock(block) }
}

export function presentBlock({ at, until, by, note }: UserBlock): AdminBlock {
  return {
    reason: 'admin',
    blockedUntil: until?.toISOString() ?? null,
    blockedAt: at.toISOString(),
    blockedBy: by ?? null,
    note: note ?? null
  }
}
