import type { EndReason, Profile } from '@latchkey/contracts/ids'
import { openLayoutSnapshots } from '@latchkey/testing/layout-snapshots'
import { type Layout, takeLayout } from '@latchkey/testing/redis-layout'
import { startRedis, type TestScope } from '@latchkey/testing/stores'
import type { NewSession } from '../../src/domain/ports.ts'
import { shardOf } from '../../src/domain/references.ts'
import { connect, createBulk, createStore, createUser, onDevice, prepare, refreshTokens, rotate } from './fixtures.ts'

export const snapshots = openLayoutSnapshots(new URL('./snapshots/', import.meta.url))

function userOf(end: string, changes: Partial<Profile> = {}): Profile {
  return createUser({
    id: `7f98c0de-0000-7000-8000-0000000000${end}`,
    createdAt: '2020-05-17T08:00:00.000Z',
    ...changes
  })
}

/** One user for each thing that may be kept of one. */
export const people = {
  signedIn: userOf('a1'),
  blocked: userOf('b2', { number: 7, username: 'bob', mobile: '9012345678', role: 'admin', lastName: null }),
  signedOut: userOf('c3'),
  endedWithEveryone: userOf('d4'),
  deleted: userOf('e5')
} as const

/** That of the first session: hashes of tokens are the same each time. */
const FIRST_TOKEN =
  'AX-YwN4AAHAAgAAAAAAAAKGhAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGpPGgWj8xd8NJ421NNARohr-OIQlnuPf_phMsYp-Ouqo3_oeTt6a8'
const first = refreshTokens.read(FIRST_TOKEN)
if (first === undefined) throw new Error('not a token of ours')
/** Live, its token used once. */
export const renewed = { sessionId: first.sessionId, token: first.successor.token }
export const EPOCH = 5
const ADMIN = { kind: 'admin', id: people.blocked.id } as const

const REASONS: readonly EndReason[] = [
  ...(['signed_out', 'revoked_by_user', 'revoked_by_admin', 'replaced', 'evicted_by_limit', 'expired_idle'] as const),
  ...(['expired_absolute', 'password_changed', 'refresh_reuse', 'user_blocked', 'user_deleted'] as const)
]

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

/** Opens a session whose id ends with the number. */
async function openNumbered(
  store: ReturnType<typeof createStore>,
  user: Profile,
  number: number,
  changes: Partial<NewSession> = {}
) {
  const id = `${shardOf(user.id)}${String(number).padStart(32, 'A')}`
  const { request } = prepare(user, { id, refreshTokenHash: first?.hash, ...changes })
  const { kind } = await store.open(request)
  if (kind !== 'opened') throw new Error(`not opened: ${kind}`)
  return { userId: user.id, sessionId: id }
}

/** A session of every kind, every way to end, and what is noted beside them; ids and secrets are the same each time. */
async function writeAll(t: TestScope, url: string): Promise<void> {
  const redis = await connect(t, url)
  const store = createStore(redis)
  const { signedIn, blocked, signedOut, endedWithEveryone, deleted } = people
  const device = { id: null, name: 'Chrome on Windows', userAgent: chrome, ip: '192.0.2.7' }
  await store.open(prepare(signedIn, { id: renewed.sessionId, refreshTokenHash: first?.hash, device }).request)
  await rotate(store, FIRST_TOKEN)
  await openNumbered(store, signedIn, 2, onDevice('0198c0de-1111-7000-8000-000000000000'))
  await openNumbered(store, signedIn, 3, { method: 'trusted', tokens: 'session', refreshTokenHash: undefined })

  await openNumbered(store, blocked, 1, { method: 'password+totp', epoch: 2 })
  await store.putProfile({ ...blocked, emailVerified: false }, 3, { endsAtMs: Date.now() + 3_600_000 })

  for (const [index, reason] of REASONS.entries()) {
    const reference = await openNumbered(store, signedOut, index)
    await store.end(reference, reason, reason === 'revoked_by_admin' ? ADMIN : undefined)
  }
  await store.endAll({ userId: signedOut.id, exceptSessionId: undefined, reason: 'password_changed', epoch: EPOCH })

  await openNumbered(store, endedWithEveryone, 1)
  await createBulk(redis).bulk.endEveryone(shardOf(endedWithEveryone.id), ADMIN)

  await openNumbered(store, deleted, 1)
  await store.erase(deleted.id)
}

/** What the store writes now. Live sessions are counted in steps of time that begin anew by themselves. */
export async function takeSessionLayout(t: TestScope): Promise<Layout> {
  const { url } = await startRedis(t)
  const fromMs = Date.now()
  await writeAll(t, url)
  return await takeLayout(url, { period: { fromMs, toMs: Date.now() }, except: /:live:/ })
}
