import { createStore, createUser, listAll, open, prepare, rotate } from '../fixtures.ts'
import type { Suite } from './suite.ts'

export const races: Suite = {
  '50 parallel refreshes of one token get one successor': async (t, { store }) => {
    const { token } = await open(store, createUser())
    const answers = await Promise.all(Array.from({ length: 50 }, () => rotate(store, token)))
    t.ok(answers.every(({ outcome }) => outcome.kind === 'rotated'))
    t.equal(new Set(answers.map(({ next }) => next)).size, 1)
    t.match((await rotate(store, answers[0]?.next ?? '')).outcome, { kind: 'rotated' })
  },

  'whatever the order of a refresh and a revoke, nothing of the session works after': async (t, { store }) => {
    for (let i = 0; i < 300; i += 1) {
      const user = createUser()
      const { session, token } = await open(store, user)
      const end = () => store.end({ userId: user.id, sessionId: session.id }, 'revoked_by_user')
      const [first] = await Promise.all(
        i % 2 === 0 ? [rotate(store, token), end()] : [rotate(store, token), end()].reverse()
      )
      if (first === undefined) t.fail('the session was not found')
      const next = (await rotate(store, token)).next
      t.match((await rotate(store, token)).outcome, { kind: 'ended', reason: 'revoked_by_user' })
      t.match((await rotate(store, next)).outcome, { kind: 'ended', reason: 'revoked_by_user' })
    }
  },

  'activity that races an end never brings the session back': async (t, { store, redis }) => {
    const eager = createStore(redis, { lifetimes: { idleMs: 20, absoluteMs: 60_000 } })
    for (let i = 0; i < 100; i += 1) {
      const user = createUser()
      const { session } = await open(store, user)
      const reference = { userId: user.id, sessionId: session.id }
      const touches = Array.from({ length: 5 }, () => store.check(reference, { touch: true }))
      await Promise.all([...touches, store.end(reference, 'signed_out'), eager.check(reference, { touch: true })])
      t.match(await store.check(reference, { touch: true }), { kind: 'ended' })
    }
  },

  'a sign-in that races an end of all is refused, ended or listed': async (t, { store }) => {
    for (let i = 0; i < 100; i += 1) {
      const user = createUser()
      const opening = prepare(user).request
      const endAll = { userId: user.id, exceptSessionId: undefined, reason: 'password_changed', epoch: 1 } as const
      await Promise.all([store.open(opening), store.endAll(endAll)])
      t.same(await listAll(store, user.id, 'active'), [])
    }
  }
}
