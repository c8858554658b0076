import { randomUUIDv7 } from 'node:crypto'
import type { RedisClient } from '@latchkey/redis/client'
import { shardOf } from '../../../src/domain/references.ts'
import { until } from '../../until.ts'
import { createStore, createUser, open } from '../fixtures.ts'
import type { Suite } from './suite.ts'

/** Waits for the clock of the store, and answers what it shows. */
async function untilStoreTime(redis: RedisClient, ms: number): Promise<number> {
  let now = 0
  await until(async () => {
    const [seconds, microseconds] = await redis.time()
    now = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
    return now >= ms
  })
  return now
}

export const touches: Suite = {
  'a use of a while ago moves the last activity forward, never back': async (t, { store, redis }) => {
    const user = createUser()
    const { session } = await open(store, user)
    const { id: sessionId, createdAtMs } = session
    await untilStoreTime(redis, createdAtMs + 50)
    const check = () => store.check({ userId: user.id, sessionId }, { touch: false })
    await store.touch([{ userId: user.id, sessionId, ageMs: 10 }])
    const touched = await check()
    t.ok(touched.kind === 'active' && touched.session.lastSeenAtMs >= createdAtMs + 40)
    await store.touch([{ userId: user.id, sessionId, ageMs: 5000 }])
    const { nowMs: _now, ...before } = touched.kind === 'active' ? touched : { nowMs: 0 }
    t.match(await check(), before)
  },

  'a use never brings back what has ended': async (t, { store }) => {
    const user = createUser()
    const { session } = await open(store, user)
    const reference = { userId: user.id, sessionId: session.id }
    const ended = await store.end(reference, 'signed_out')
    await store.touch([{ ...reference, ageMs: 0 }])
    t.match(await store.end(reference, 'signed_out'), { session: ended?.session })
  },

  'a use after the idle deadline is none, one before it counts however late it comes': async (t, { store, redis }) => {
    const short = createStore(redis, { lifetimes: { idleMs: 400, absoluteMs: 60_000 } })
    for (const [usedAfterMs, counts] of [
      [400, false],
      [200, true]
    ] as const) {
      const user = createUser()
      const { session } = await open(store, user)
      const now = await untilStoreTime(redis, session.createdAtMs + 401)
      const reference = { userId: user.id, sessionId: session.id }
      await short.touch([{ ...reference, ageMs: now - session.createdAtMs - usedAfterMs }])
      const checked = await store.check(reference, { touch: false })
      t.equal(checked.kind === 'active' && checked.session.lastSeenAtMs > session.createdAtMs, counts)
    }
  },

  'a batch takes the uses of all users of a shard, and of none what is another user’s': async (t, { store, redis }) => {
    const user = createUser()
    const neighbour = createUser({ id: `${randomUUIDv7().slice(0, -2)}${shardOf(user.id)}` })
    const [own, other] = [await open(store, user), await open(store, neighbour)]
    const opened = [own, other].map(({ session }) => session)
    await untilStoreTime(redis, Math.max(...opened.map(({ createdAtMs }) => createdAtMs)) + 20)
    const countMoved = async () => {
      const checks = opened.map(({ userId, id }) => store.check({ userId, sessionId: id }, { touch: false }))
      const checked = await Promise.all(checks)
      return checked.filter((each) => each.kind === 'active' && each.session.lastSeenAtMs > each.session.createdAtMs)
        .length
    }
    await store.touch([{ userId: user.id, sessionId: other.session.id, ageMs: 0 }])
    t.equal(await countMoved(), 0)
    await store.touch(opened.map(({ userId, id }) => ({ userId, sessionId: id, ageMs: 0 })))
    t.equal(await countMoved(), 2)
  }
}
