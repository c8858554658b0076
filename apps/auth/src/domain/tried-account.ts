import { hash } from 'node:crypto'
import { listCandidates } from './identifiers.ts'
import type { User } from './ports.ts'

const DIGEST_LENGTH = 32

/**
 * What attempts at an account are counted by: its user, whichever identifier was given, or, where nobody has that
 * identifier, a digest of its canonical form, so that it makes no difference who exists.
 */
export function nameTriedAccount(user: User | undefined, identifier: Parameters<typeof listCandidates>[0]): string {
  if (user !== undefined) return user.profile.id
  const [candidate] = listCandidates(identifier)
  const { kind, canonical } = candidate ?? { kind: 'none', canonical: identifier.value }
  return hash('sha256', `${kind} ${canonical}`, 'hex').slice(0, DIGEST_LENGTH)
}
