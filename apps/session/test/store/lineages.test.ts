import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis, type TestServer } from '@latchkey/testing/stores'
import { type Test, test } from 'tap'
import { StoreUnavailable } from '../../src/domain/ports.ts'
import { recoverShards } from '../../src/domain/recover-shards.ts'
import type { RecordedEnd } from '../../src/domain/recovery-ports.ts'
import { shardOf } from '../../src/domain/references.ts'
import { until } from '../until.ts'
import { connect, createShardLineages, createStore, createUser, open } from './fixtures.ts'

async function setUp(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-lineages-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  // Snapshots alone, so that what was done since the latest is lost with the server.
  const server = await startRedis(t, {
    args: ['--appendonly', 'no', '--dir', folder, '--repl-diskless-sync-delay', '0']
  })
  const redis = await connect(t, server.url)
  const store = createStore(redis)
  const lineages = createShardLineages(redis)
  const reads: number[] = []
  const ends: RecordedEnd[] = []
  const recorded = {
    keptMs: 7 * 24 * 3_600_000,
    readSince: async (ageMs: number, take: (end: RecordedEnd) => void) => {
      reads.push(ageMs)
      ends.forEach(take)
    }
  }
  const back = async (): Promise<void> => {
    await server.kill()
    await server.restart()
    await until(() =>
      redis.ping().then(
        () => true,
        () => false
      )
    )
  }
  return { server, redis, store, lineages, recorded, reads, ends, folder, back }
}

async function openOne({ store }: Pick<Awaited<ReturnType<typeof setUp>>, 'store'>) {
  const { session } = await open(store, createUser())
  const reference = { userId: session.userId, sessionId: session.id }
  const end: RecordedEnd = { ...reference, reason: 'revoked_by_user', endedAtMs: session.createdAtMs + 5 }
  return { reference, end, check: () => store.check(reference, { touch: false }) }
}

test('a store that went back in time answers nothing before it has ended what had ended', async (t) => {
  const subject = await setUp(t)
  const { redis, store, ends, reads } = subject
  const [gone, live] = [await openOne(subject), await openOne(subject)]
  await redis.save()
  await store.end(gone.reference, 'revoked_by_user')
  ends.push(gone.end)
  await subject.back()

  await t.rejects(gone.check(), StoreUnavailable)
  await t.rejects(live.check(), StoreUnavailable)
  t.ok((await recoverShards(subject)) > 0)
  t.match(await gone.check(), { kind: 'ended', reason: 'revoked_by_user', atMs: gone.end.endedAtMs })
  t.match(await live.check(), { kind: 'active' })
  t.ok((reads[0] ?? 0) >= 60_000, 'read from well before the store was last known to be whole')
  t.equal(await recoverShards(subject), 0)
})

test('ends in any number come back, and are announced again', async (t) => {
  const subject = await setUp(t)
  const user = createUser()
  const opened: Awaited<ReturnType<typeof open>>[] = []
  while (opened.length < 240) {
    opened.push(...(await Promise.all(Array.from({ length: 20 }, () => open(subject.store, user)))))
  }
  await subject.redis.save()
  subject.ends.push(
    ...opened.map(({ session }) => {
      return { userId: user.id, sessionId: session.id, reason: 'signed_out' as const, endedAtMs: session.createdAtMs }
    })
  )
  await subject.back()
  await recoverShards(subject)
  const { sessions } = await subject.store.list({
    userId: user.id,
    state: 'active',
    limit: 1000,
    beforeSlot: undefined
  })
  t.same(sessions, [])
  t.ok((await subject.redis.xlen(`lk:s:{${shardOf(user.id)}}:pending`)) > 0)
})

test('where the record does not reach back far enough every session is over', async (t) => {
  const subject = await setUp(t)
  const { reference, check } = await openOne(subject)
  const key = `lk:s:{${shardOf(reference.userId)}}:lineage`
  await subject.redis.set(key, `formerserver ${Date.now() - 8 * 24 * 3_600_000}`)
  await recoverShards(subject)
  t.match(await check(), { kind: 'ended', reason: 'revoked_by_admin' })
  t.same(subject.reads, [])
})

test('an end that cannot be read leaves the shard in doubt', async (t) => {
  const subject = await setUp(t)
  const { check } = await openOne(subject)
  await subject.redis.save()
  await subject.back()
  const recorded = { ...subject.recorded, readSince: () => Promise.reject(new Error('away')) }
  await t.rejects(recoverShards({ ...subject, recorded }))
  await t.rejects(check(), StoreUnavailable)
})

test('a replica that was promoted is in doubt, and a primary that became a replica is not asked', async (t) => {
  const subject = await setUp(t)
  const { check, reference } = await openOne(subject)
  const replica = await startReplica(t, subject.server)
  while ((await subject.redis.wait(1, 1000)) < 1);
  const promoted = await connect(t, replica.url)
  await promoted.call('REPLICAOF', 'NO', 'ONE')
  await t.rejects(createStore(promoted).check(reference, { touch: false }), StoreUnavailable)
  await subject.redis.call('REPLICAOF', '127.0.0.1', replica.port)
  await t.rejects(check(), StoreUnavailable)
})

async function startReplica(t: Test, { port }: TestServer): Promise<TestServer> {
  return await startRedis(t, { args: ['--replicaof', `127.0.0.1 ${port}`] })
}
