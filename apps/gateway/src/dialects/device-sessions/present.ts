import type { Profile } from '@latchkey/contracts/ids'
import type { Session } from '@latchkey/contracts/session-schema'

/** `sessions` newest first, as they are listed. */
export function presentUser(profile: Profile, sessions: readonly Session[]) {
  return { mobile: profile.mobile, ...presentRest(profile, sessions) }
}

export function presentFoundUser(profile: Profile, sessions: readonly Session[]) {
  return { mobile_number: profile.mobile, ...presentRest(profile, sessions) }
}

function presentRest({ firstName, username }: Profile, sessions: readonly Session[]) {
  return {
    user_name: firstName ?? username,
    activeSession: sessions.find(({ state }) => state === 'active')?.id ?? null,
    sessions: sessions.toReversed().map(({ id, device, state, createdAt }) => ({
      sessionKey: id,
      userAgent: device.userAgent,
      ipAddress: device.ip,
      isValid: state === 'active',
      createdAt
    }))
  }
}

const session = {
  sessionKey: '7fq0ZlX2m4n8VbYc1sT6dKe9RwGh3JuAoP',
  userAgent: 'Thunder Client',
  ipAddress: '127.0.0.1',
  isValid: true,
  createdAt: '2026-11-21T09:30:00.000Z'
}
const live = { user_name: 'SavingsBank', activeSession: session.sessionKey, sessions: [session] }
const ended = { ...live, activeSession: null, sessions: [{ ...session, isValid: false }] }

/** Of answers: with a live session, and without. */
export const examples = {
  sessionKey: session.sessionKey,
  found: [live, ended].map((rest) => ({ mobile_number: '9012345678', ...rest })),
  withMessage: [live, ended].map((rest) => ({ message: 'Done', user: { mobile: '9012345678', ...rest } }))
}
