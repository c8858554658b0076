import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Client, ReplyOf } from '@latchkey/contracts/define'
import type { Profile } from '@latchkey/contracts/ids'
import { sessionContract } from '@latchkey/contracts/session'
import { createClient } from '@latchkey/messaging/client'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { USER_AGENT } from '../who-am-i.ts'

export type Opened = ReplyOf<typeof sessionContract.open> & { readonly userId: string }

/** Opens sessions straight at the session service, as a sign-in does once the password is verified. */
export interface SessionOpener {
  /** Another session of `user`, or the first one of somebody new. `session`: a token that lives as long as it. */
  open(kind: 'pair' | 'session', user?: Profile): Promise<Opened>
}

const TIMEOUT_MS = 20_000
/** A store that is filled as fast as it goes is sometimes late. */
const ATTEMPTS = 5
const PAUSE_MS = 200
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

export async function createSessionOpener(scope: AsyncDisposableStack, natsUrl: string): Promise<SessionOpener> {
  const transport = openNatsTransport({ url: natsUrl, name: 'bench', log: silent })
  scope.defer(() => transport.close())
  await transport.flush(TIMEOUT_MS)
  const sessions = createClient(sessionContract, transport, silent)
  return { open: (kind, user = createProfile()) => open(sessions, kind, user) }
}

async function open(
  sessions: Client<typeof sessionContract>,
  tokens: 'pair' | 'session',
  user: Profile
): Promise<Opened> {
  const client = { ipAddress: '203.0.113.77', userAgent: USER_AGENT }
  const opening = { client, deviceId: null, tokens, policy: null }
  const request = { user, profileVersion: 1, epoch: 0, method: 'password', opening } as const
  for (let attempt = 1; ; attempt += 1) {
    const opened = await sessions.open(request, { requestId: 'bench', timeoutMs: TIMEOUT_MS })
    if (opened.ok) return { ...opened.value, userId: user.id }
    if (opened.code !== 'unavailable' || attempt === ATTEMPTS) throw new Error(`no session was opened: ${opened.code}`)
    await pause(attempt * PAUSE_MS)
  }
}

let users = 0

/** Somebody nobody has met before, with what most people tell of themselves. */
export function createProfile(): Profile {
  users += 1
  return {
    id: randomUUID(),
    number: users,
    email: `ada.lovelace.${users}@example.com`,
    emailVerified: false,
    username: null,
    mobile: null,
    firstName: 'Ada',
    lastName: 'Lovelace',
    role: 'user',
    createdAt: new Date().toISOString()
  }
}
