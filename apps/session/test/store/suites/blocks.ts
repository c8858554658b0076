import { createUser, listEvents, open, rotate } from '../fixtures.ts'
import type { Suite } from './suite.ts'

const endless = { endsAtMs: undefined }

export const blocks: Suite = {
  'a block suspends every session of the user, and ends none': async (t, { store }) => {
    const user = createUser()
    const { session, token } = await open(store, user)
    const reference = { userId: user.id, sessionId: session.id }
    await store.putProfile(user, 2, endless)
    t.match(await store.check(reference, { touch: true }), { kind: 'blocked', endsAtMs: undefined })
    t.match((await rotate(store, token)).outcome, { kind: 'blocked', endsAtMs: undefined })

    await store.putProfile(user, 3, undefined)
    const outcome = await store.check(reference, { touch: false })
    t.match(outcome, { kind: 'active', session: { lastSeenAtMs: session.lastSeenAtMs } }, 'nothing counted as activity')
    t.match((await rotate(store, token)).outcome, { kind: 'rotated' }, 'the refused token is as good as before')
  },

  'a block ends by itself, at its very moment': async (t, { store }) => {
    const user = createUser()
    const { nowMs, session } = await open(store, user)
    const reference = { userId: user.id, sessionId: session.id }
    await store.putProfile(user, 2, { endsAtMs: nowMs + 3_600_000 })
    t.match(await store.check(reference, { touch: false }), { kind: 'blocked', endsAtMs: nowMs + 3_600_000 })
    await store.putProfile(user, 3, { endsAtMs: nowMs })
    t.match(await store.check(reference, { touch: false }), { kind: 'active' })
  },

  'of blocks and unblocks the newest version counts, in whatever order they come': async (t, { store }) => {
    const user = createUser()
    const { session } = await open(store, user)
    const reference = { userId: user.id, sessionId: session.id }
    await store.putProfile(user, 4, endless)
    await store.putProfile(user, 3, undefined)
    t.match(await store.check(reference, { touch: false }), { kind: 'blocked' })
    await store.putProfile(user, 5, undefined)
    await store.putProfile(user, 4, endless)
    t.match(await store.check(reference, { touch: false }), { kind: 'active' })
  },

  'a sign-in that was verified before a block opens a session that is suspended': async (t, { store }) => {
    const user = createUser()
    await store.putProfile(user, 2, endless)
    const { session } = await open(store, user, { profileVersion: 1 })
    t.match(await store.check({ userId: user.id, sessionId: session.id }, { touch: false }), { kind: 'blocked' })
  },

  'a block that begins or ends is to be announced; the same once more is not': async (t, { store }) => {
    const user = createUser()
    await open(store, user)
    const announced = { unannounced: [{ item: { kind: 'user', id: user.id } }] }
    t.match(await store.putProfile(user, 2, endless), announced)
    t.same((await store.putProfile(user, 3, endless)).unannounced, [])
    t.match(await store.putProfile(user, 4, undefined), announced)
  },

  'a session that has ended says so to a blocked user, too': async (t, { store }) => {
    const user = createUser()
    const { session } = await open(store, user)
    const reference = { userId: user.id, sessionId: session.id }
    await store.putProfile(user, 2, endless)
    await store.end(reference, 'revoked_by_admin', { kind: 'admin', id: user.id })
    t.match(await store.check(reference, { touch: false }), { kind: 'ended', reason: 'revoked_by_admin' })
  },

  'whoever ended a session is named by its event': async (t, { store, redis }) => {
    const user = createUser()
    const actor = { kind: 'admin', id: createUser().id } as const
    const { session } = await open(store, user)
    await open(store, user)
    await store.end({ userId: user.id, sessionId: session.id }, 'revoked_by_admin', actor)
    const rest = { userId: user.id, exceptSessionId: undefined, reason: 'revoked_by_admin', epoch: undefined } as const
    await store.endAll({ ...rest, actor })
    const ended = (await listEvents(redis, user.id)).filter(({ name }) => name === 'sessionEnded')
    t.match(ended, [{ payload: { actor } }, { payload: { actor } }])
  }
}
