import { randomBytes } from 'node:crypto'
import type { Handlers } from '@latchkey/contracts/define'
import { fail, ok } from '@latchkey/contracts/errors'
import type { Profile } from '@latchkey/contracts/ids'
import { sessionContract } from '@latchkey/contracts/session'
import { serve } from '@latchkey/messaging/server'
import type { Subscription, Transport } from '@latchkey/messaging/transport'
import { createOpened } from './domain/fakes.ts'
import { logger } from './silent-logger.ts'

export interface SessionStandIn {
  /** Ids of the live sessions, by user. */
  readonly live: Map<string, Set<string>>
  /** The copies of profiles that were put, by user. */
  readonly profiles: Map<string, { readonly user: Profile; readonly version: number; readonly block: object | null }>
  readonly subscription: Subscription
}

const unused = () => Promise.reject(new Error('not needed by auth'))

/** The part of the session service's contract that auth relies on, in memory, over the real bus. */
export function serveSessions(transport: Transport): SessionStandIn {
  const live: SessionStandIn['live'] = new Map()
  const profiles: SessionStandIn['profiles'] = new Map()
  const epochs = new Map<string, number>()
  const handlers: Handlers<typeof sessionContract> = {
    open: async ({ user, epoch, replaces }) => {
      if (epoch < (epochs.get(user.id) ?? 0)) return fail('invalid_credentials')
      if (replaces !== undefined && live.get(user.id)?.delete(replaces) !== true) return fail('token_invalid')
      const opened = createOpened(user)
      const id = user.id.slice(-2) + randomBytes(24).toString('base64url')
      live.set(user.id, (live.get(user.id) ?? new Set()).add(id))
      return ok({ ...opened, session: { ...opened.session, id } })
    },
    endAll: async ({ userId, exceptSessionId, epoch }) => {
      epochs.set(userId, Math.max(epoch ?? 0, epochs.get(userId) ?? 0))
      const ended = [...(live.get(userId) ?? [])].filter((id) => id !== exceptSessionId)
      for (const id of ended) live.get(userId)?.delete(id)
      return ok({ ended: ended.length })
    },
    putProfile: async ({ user, version, block }) => {
      if (version > (profiles.get(user.id)?.version ?? 0)) profiles.set(user.id, { user, version, block })
      return ok({})
    },
    erase: async ({ userId }) => {
      live.delete(userId)
      profiles.delete(userId)
      return ok({})
    },
    listDevices: unused,
    refresh: unused,
    check: unused,
    list: unused,
    find: unused,
    end: unused,
    getKeys: unused,
    getTime: unused
  }
  return {
    live,
    profiles,
    subscription: serve(sessionContract, handlers, { transport, queue: 'session', log: logger })
  }
}
