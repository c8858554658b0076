import type { Opening } from '@latchkey/contracts/session'
import type { Deps, User } from './ports.ts'

/** Tells the platform that somebody could not prove to be this user. */
export function reportFailedSignIn(
  { reporter, now, newId }: Pick<Deps, 'reporter' | 'now' | 'newId'>,
  { profile }: User,
  { client }: Opening
): void {
  reporter.report({
    id: newId(),
    version: 1,
    name: 'signInFailed',
    userId: profile.id,
    occurredAt: now().toISOString(),
    payload: { client }
  })
}
