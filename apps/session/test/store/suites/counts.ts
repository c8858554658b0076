import { until } from '../../until.ts'
import { createBulk, createStore, createUser, open } from '../fixtures.ts'
import type { Subject, Suite } from './suite.ts'

async function countLive({ redis }: Subject, lifetimes = {}): Promise<number> {
  const { counts } = createBulk(redis, lifetimes)
  const shards = await Promise.all(counts.shards.map((shard) => counts.read(shard)))
  return shards.reduce((sum, { live }) => sum + live, 0)
}

async function countOpened({ redis }: Subject): Promise<number> {
  const { counts } = createBulk(redis)
  const shards = await Promise.all(counts.shards.map((shard) => counts.read(shard)))
  return shards.flatMap(({ opened }) => [...opened.values()]).reduce((sum, count) => sum + count, 0)
}

export const counts: Suite = {
  'live sessions are counted as they open and end, whatever opens and ends them': async (t, subject) => {
    const { store } = subject
    const user = createUser()
    const before = await countLive(subject)
    await Promise.all(Array.from({ length: 50 }, () => open(store, user)))
    const { session } = await open(store, user)
    t.equal((await countLive(subject)) - before, 51)
    await store.check({ userId: user.id, sessionId: session.id }, { touch: true })
    await store.end({ userId: user.id, sessionId: session.id }, 'signed_out')
    await store.end({ userId: user.id, sessionId: session.id }, 'signed_out')
    t.equal((await countLive(subject)) - before, 50)
    await open(store, user, { policy: { kind: 'limit', limit: 10, overflow: 'evict_oldest' } })
    t.equal((await countLive(subject)) - before, 10)
    const everything = {
      userId: user.id,
      exceptSessionId: undefined,
      reason: 'user_deleted',
      epoch: undefined
    } as const
    await Promise.all([store.endAll(everything), store.endAll(everything)])
    t.equal(await countLive(subject), before)
  },

  'a session in use is counted for as long as that, one that is not goes by itself': async (t, subject) => {
    const lifetimes = { idleMs: 3000, absoluteMs: 60_000 }
    const short = createStore(subject.redis, { lifetimes })
    const [used, unused] = [createUser(), createUser()]
    const { session } = await open(short, used)
    await open(short, unused)
    t.equal(await countLive(subject, { lifetimes }), 2)
    await until(async () => {
      t.match(await short.check({ userId: used.id, sessionId: session.id }, { touch: true }), { kind: 'active' })
      return (await countLive(subject, { lifetimes })) < 2
    })
    t.equal(await countLive(subject, { lifetimes }), 1)
    await short.end({ userId: used.id, sessionId: session.id }, 'signed_out')
    t.equal(await countLive(subject, { lifetimes }), 0)
  },

  'sign-ins are counted by the minute': async (t, subject) => {
    const before = await countOpened(subject)
    const user = createUser()
    await Promise.all(Array.from({ length: 20 }, () => open(subject.store, user)))
    t.equal((await countOpened(subject)) - before, 20)
  },

  'what is older than an hour is not counted and does not stay': async (t, { store, redis }) => {
    const { counts } = createBulk(redis)
    const user = createUser()
    const shard = user.id.slice(-2)
    await redis.del(`lk:s:{${shard}}:opened`)
    const { minute } = await counts.read(shard)
    await redis.hset(`lk:s:{${shard}}:opened`, minute - 60, 7, minute - 59, 3)
    await open(store, user)
    t.match(await redis.hkeys(`lk:s:{${shard}}:opened`), [String(minute - 59), /\d+/])
    t.equal((await counts.read(shard)).opened.get(minute - 59), 3)
    t.ok((await redis.pttl(`lk:s:{${shard}}:opened`)) > 0)
  },

  'announcements are counted by how long they took': async (t, { redis }) => {
    const { counts } = createBulk(redis)
    await counts.noteAnnounced(new Map([[3, 2]]))
    await counts.noteAnnounced(
      new Map([
        [3, 1],
        [60, 1]
      ])
    )
    const { announced } = await counts.read('00')
    const counted = [...announced.values()].flatMap((byClass) => [...byClass])
    t.equal(
      counted.reduce((sum, [, count]) => sum + count, 0),
      4
    )
    t.ok(counted.every(([durationClass]) => durationClass === 3 || durationClass === 60))
  }
}
