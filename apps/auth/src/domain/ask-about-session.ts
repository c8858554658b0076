import type { EventOf } from '@latchkey/contracts/events'
import { canonicalizeEmail } from './email.ts'
import type { Deps } from './ports.ts'

/** Older sign-ins come by when a new listener reads the stream from its beginning; a mail about them helps nobody. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000

/** Asks the user by mail about a sign-in on a device they have never signed in on; their very first one is none. */
export async function askAboutSession(
  { users, recovery, now }: Pick<Deps, 'users' | 'recovery' | 'now'>,
  { userId, occurredAt, payload }: EventOf<'sessionOpened'>
): Promise<void> {
  if (!payload.newDevice || now().getTime() - Date.parse(occurredAt) > MAX_AGE_MS) return
  const user = await users.findById(userId)
  const address = canonicalizeEmail(user?.profile.email ?? '')
  if (address === undefined) return
  const { sessionId, device } = payload
  const details = { device: device.name, ip: device.ip, at: occurredAt }
  await recovery.askAboutSession({ userId, address, sessionId, details })
}
