import { randomUUIDv7 } from 'node:crypto'
import type { Criteria } from '../../../src/domain/admin-ports.ts'
import { readNetwork } from '../../../src/domain/ip-network.ts'
import { listUserBatches } from '../../../src/domain/list-user-batches.ts'
import { shardOf } from '../../../src/domain/references.ts'
import { createBulk, createStore, createUser, listAll, listEvents, open } from '../fixtures.ts'
import type { Subject, Suite } from './suite.ts'

const ADMIN = { kind: 'admin', id: randomUUIDv7() } as const

/** How many of the user's sessions meet the criteria. */
async function count({ redis }: Subject, userId: string, criteria: Criteria): Promise<number> {
  const { bulk } = createBulk(redis)
  const request = { userIds: [userId], criteria, endedBy: undefined, sampleSize: 0 }
  return (await bulk.endMatching(shardOf(userId), request)).matched
}

const from = (ip: string, userAgent = 'curl/8.5.0') => ({ device: { id: null, name: 'curl', userAgent, ip } })

export const matching: Suite = {
  'sessions are found by the network they were opened from': async (t, subject) => {
    const user = createUser()
    for (const ip of ['10.1.2.3', '2001:db8::7', '2001:db8:0:1::', '::1', '']) await open(subject.store, user, from(ip))
    for (const [network, matched] of [
      ['10.1.2.3', 1],
      ['10.1.2.4', 0],
      ['10.0.0.0/8', 1],
      ['10.1.2.99/24', 1],
      ['10.1.2.3/31', 1],
      ['10.1.2.0/31', 0],
      ['0.0.0.0/0', 1],
      ['::ffff:10.0.0.0/104', 1],
      ['::/0', 3],
      ['2001:db8::/32', 2],
      ['2001:db8::/64', 1],
      ['2001:db8::/63', 2],
      ['2001:db8:0:1::', 1],
      ['::1', 1]
    ] as const) {
      const ip = readNetwork(network)
      t.ok(ip, network)
      t.equal(await count(subject, user.id, { ip }), matched, network)
    }
  },

  'sessions are found by part of the agent, by role, by age and by last use, and by all of it': async (t, subject) => {
    const { store } = subject
    const user = createUser({ role: 'admin' })
    const { session } = await open(store, user, from('10.1.2.3', 'Mozilla/5.0 (X11) Firefox/140.0'))
    const { createdAtMs } = session
    for (const [criteria, matched] of [
      [{}, 1],
      [{ userAgent: 'firefox/1' }, 1],
      [{ userAgent: '5.0 (x' }, 1],
      [{ userAgent: 'chrome' }, 0],
      [{ role: 'admin' }, 1],
      [{ role: 'user' }, 0],
      [{ openedBefore: createdAtMs }, 0],
      [{ openedBefore: createdAtMs + 1 }, 1],
      [{ lastSeenBefore: createdAtMs }, 0],
      [{ lastSeenBefore: createdAtMs + 1 }, 1],
      [{ role: 'admin', userAgent: 'firefox', openedBefore: createdAtMs + 1 }, 1],
      [{ role: 'admin', userAgent: 'chrome', openedBefore: createdAtMs + 1 }, 0]
    ] as const) {
      t.equal(await count(subject, user.id, criteria), matched, JSON.stringify(criteria))
    }
    await store.putProfile({ ...user, role: 'user' }, 2, undefined)
    t.equal(await count(subject, user.id, { role: 'user' }), 1, 'the role of now')
  },

  'what matches is ended once, told of with the admin, and left to announce': async (t, { store, redis }) => {
    const { bulk } = createBulk(redis)
    const user = createUser()
    const { session } = await open(store, user, from('10.1.2.3'))
    await open(store, user, from('192.0.2.1'))
    const shard = shardOf(user.id)
    const criteria = { ip: readNetwork('10.0.0.0/8') }
    const request = { userIds: [user.id], criteria, endedBy: ADMIN, sampleSize: 10 }

    t.match(await bulk.endMatching(shard, request), {
      matched: 1,
      sample: [{ id: session.id, userId: user.id, ended: undefined }]
    })
    t.match(await listAll(store, user.id, 'ended'), [{ id: session.id, ended: { reason: 'revoked_by_admin' } }])
    t.equal((await listAll(store, user.id, 'active')).length, 1)
    const events = (await listEvents(redis, user.id)).filter(({ name }) => name === 'sessionEnded')
    t.match(events, [{ payload: { reason: 'revoked_by_admin', actor: ADMIN } }])
    const pending = await bulk.listPending(shard, undefined)
    t.ok(pending.some(({ item }) => item.kind === 'session' && item.id === session.id))
    t.same(await bulk.listPending(shard, pending.at(-1)?.entryId), [])
    t.same(await bulk.endMatching(shard, request), { matched: 0, sample: [] })
  },

  'of several users each is announced as it needs': async (t, { store, redis }) => {
    const { bulk } = createBulk(redis)
    const shard = 'ab'
    const users = [createUser(), createUser()].map((user) => ({ ...user, id: `${user.id.slice(0, -2)}${shard}` }))
    const [many, one] = users as [(typeof users)[0], (typeof users)[0]]
    for (let i = 0; i < 101; i += 1) await open(store, many)
    const { session } = await open(store, one)
    const before = (await bulk.listPending(shard, undefined)).at(-1)?.entryId
    const userIds = [many.id, one.id]
    await bulk.endMatching(shard, { userIds, criteria: {}, endedBy: ADMIN, sampleSize: 0 })
    const items = (await bulk.listPending(shard, before)).map(({ item }) => item)
    t.same(items, [
      { kind: 'user', id: many.id },
      { kind: 'session', id: session.id }
    ])
  },

  'what is due is ended by its deadline, whatever an admin means': async (t, { store, redis }) => {
    const user = createUser()
    const { session } = await open(store, user)
    const { bulk } = createBulk(redis, { lifetimes: { idleMs: 1, absoluteMs: 60_000 } })
    const request = { userIds: [user.id], criteria: {}, endedBy: ADMIN, sampleSize: 0 }
    while ((await bulk.endMatching(shardOf(user.id), { ...request, endedBy: undefined })).matched > 0);
    t.equal((await bulk.endMatching(shardOf(user.id), request)).matched, 0)
    const impatient = createStore(redis, { lifetimes: { idleMs: 1, absoluteMs: 60_000 } })
    const ended = { reason: 'expired_idle', atMs: session.createdAtMs + 1 }
    t.match(await listAll(impatient, user.id, 'ended'), [{ ended }])
  },

  'everybody who has sessions is listed once': async (t, { store, redis }) => {
    const { bulk } = createBulk(redis)
    const shard = 'cd'
    const users = Array.from({ length: 300 }, () => createUser()).map((user) => ({
      ...user,
      id: `${user.id.slice(0, -2)}${shard}`
    }))
    await Promise.all(users.map((user) => open(store, user)))
    await Promise.all(users.map((user) => open(store, user)))
    const listed: string[] = []
    for await (const userIds of listUserBatches(bulk, shard)) {
      t.ok(userIds.length <= 16)
      listed.push(...userIds)
    }
    t.equal(new Set(listed).size, listed.length)
    const missing = users.filter(({ id }) => !listed.includes(id))
    t.same(missing, [])
  }
}
