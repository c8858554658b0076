import { startRedis, startRedisCluster } from '@latchkey/testing/stores'
import { type Test, test } from 'tap'
import { type CheckOutcome, StoreUnavailable } from '../../src/domain/ports.ts'
import { recoverShards } from '../../src/domain/recover-shards.ts'
import { shardOf } from '../../src/domain/references.ts'
import { until } from '../until.ts'
import { connect, createShardLineages, createStore, createUser, open } from './fixtures.ts'

const TIMEOUT_MS = 100
/** The first of the three primaries has the slots up to this one. */
const LAST_SLOT_OF_FIRST = 5460

async function setUp(t: Test) {
  const server = await startRedis(t)
  const redis = await connect(t, server.url, TIMEOUT_MS)
  const lines: string[] = []
  const note = (_fields: object, text: string) => void lines.push(text)
  const lineages = createShardLineages(redis)
  const recorded = { keptMs: Number.POSITIVE_INFINITY, readSince: async () => undefined }
  const onDoubt = () => void recoverShards({ lineages, recorded }).catch(() => undefined)
  const store = createStore(redis, { onDoubt, log: { info: note, warn: note } })
  const { session } = await open(store, createUser())
  const check = () => store.check({ userId: session.userId, sessionId: session.id }, { touch: true })
  /** Asks until Redis answers. */
  const recover = async () => {
    let outcome: CheckOutcome | undefined
    await until(async () => {
      outcome = await check().catch(() => undefined)
      return outcome !== undefined
    })
    return outcome
  }
  return { server, redis, lines, check, recover }
}

test('a Redis that forgot the scripts gets them again', async (t) => {
  const { redis, check } = await setUp(t)
  await redis.script('FLUSH')
  t.match(await check(), { kind: 'active' })
})

test('a Redis that was killed and is back has the sessions', async (t) => {
  const { server, check, recover } = await setUp(t)
  await server.kill()
  await t.rejects(check(), StoreUnavailable)
  await server.restart()
  t.match(await recover(), { kind: 'active' })
})

test('a hanging Redis is unavailable, is told of once, and serves again when it goes on', async (t) => {
  const { server, lines, check, recover } = await setUp(t)
  server.pause()
  for (let i = 0; i < 20; i += 1) await t.rejects(check(), StoreUnavailable)
  server.resume()
  t.match(await recover(), { kind: 'active' })
  t.same(lines, ['Redis does not answer', 'Redis answers again'])
})

test('a Redis without memory for a sign-in is unavailable until it has some', async (t) => {
  const { redis, check } = await setUp(t)
  const store = createStore(redis)
  await redis.config('SET', 'maxmemory', '1mb')
  await t.rejects(open(store, createUser()), StoreUnavailable)
  await redis.config('SET', 'maxmemory', '0')
  t.match(await check(), { kind: 'active' })
})

test('a primary of a cluster that is gone takes its own users along, and no others', async (t) => {
  const { nodes, servers } = await startRedisCluster(t, { args: ['--cluster-require-full-coverage', 'no'] })
  const url = nodes.map(({ host, port }) => `redis://${host}:${port}`).join(',')
  const redis = await connect(t, url)
  const store = createStore(redis)
  const users = Array.from({ length: 90 }, () => createUser())
  const sessions = await Promise.all(users.map(async (user) => (await open(store, user)).session))
  const placed = await Promise.all(
    sessions.map(async (session) => {
      const slot = Number(await redis.call('CLUSTER', 'KEYSLOT', `{${shardOf(session.userId)}}`))
      return { session, isLost: slot <= LAST_SLOT_OF_FIRST }
    })
  )
  await servers[0]?.kill()
  const answers: { isLost: boolean; outcome: string }[] = []
  for (let round = 0; round < 10; round += 1) {
    const asked = placed.map(async ({ session, isLost }) => {
      const check = store.check({ userId: session.userId, sessionId: session.id }, { touch: false })
      answers.push({
        isLost,
        outcome: await check.then(
          ({ kind }) => kind,
          () => 'unavailable'
        )
      })
    })
    await Promise.all(asked)
  }
  const outcomesOf = (those: boolean) => [
    ...new Set(answers.filter(({ isLost }) => isLost === those).map(({ outcome }) => outcome))
  ]
  t.same(outcomesOf(true), ['unavailable'])
  t.same(outcomesOf(false), ['active'])
})
