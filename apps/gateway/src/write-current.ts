import type { Static } from 'typebox'
import type { Caller } from './caller.ts'
import type { Current } from './schemas.ts'

/**
 * The answer to "who am I" as text. Each field is named here, so that nothing leaves that a newer service may add to
 * what it tells of users and sessions; the type makes sure that none is missing. Written by `JSON.stringify`, since that
 * yields one flat text: from the many parts that a compiled serializer adds to one another, writing to the socket costs
 * as much again as serialising.
 */
export function writeCurrent(caller: Caller): string {
  const { user, session, lastActiveAt, lastSeenAt, idleExpiresAt } = caller
  const { device } = session
  return JSON.stringify({
    user: {
      id: user.id,
      number: user.number,
      email: user.email,
      emailVerified: user.emailVerified,
      username: user.username,
      mobile: user.mobile,
      firstName: user.firstName,
      lastName: user.lastName,
      role: user.role,
      createdAt: user.createdAt,
      lastActiveAt
    },
    session: {
      id: session.id,
      current: true,
      state: session.state,
      device: { id: device.id, name: device.name, userAgent: device.userAgent, ip: device.ip },
      method: session.method,
      createdAt: session.createdAt,
      lastSeenAt,
      idleExpiresAt,
      expiresAt: session.expiresAt,
      endedAt: session.endedAt,
      endReason: session.endReason
    }
  } satisfies Static<typeof Current>)
}
