import { test } from 'tap'
import { StoreUnavailable } from '../../src/domain/ports.ts'
import { createPatientQueue, createQueues, type QueueKind } from '../../src/store/queues.ts'

/** More than are under way and wait. */
const FAR_TOO_MANY = 600

test('however many list sessions, tokens are judged and sessions end; who is refused is counted', async (t) => {
  const refused: QueueKind[] = []
  const { inTurn } = createQueues((kind) => refused.push(kind))
  const slow = Promise.withResolvers<string>()
  const lists = Array.from({ length: FAR_TOO_MANY }, () => inTurn('list', () => slow.promise))
  await t.rejects(Promise.race(lists), StoreUnavailable)
  t.equal(await inTurn('check', async () => 'active'), 'active')
  t.equal(await inTurn('end', async () => 'ended'), 'ended')
  t.equal(await inTurn('find', async () => 'found, to be ended'), 'found, to be ended')
  t.equal(await inTurn('touch', async () => 'noted'), 'noted')
  slow.resolve('sessions')
  const ends = await Promise.allSettled(lists)
  const rejected = ends.filter(({ status }) => status === 'rejected')
  t.same(
    refused,
    rejected.map(() => 'other')
  )
  t.ok(rejected.length < FAR_TOO_MANY, 'the others had their turn')
})

test('who asks every shard at once, thrice, is refused nothing', async (t) => {
  const refused: QueueKind[] = []
  const { inTurn } = createPatientQueue((kind) => refused.push(kind))
  const asked = Array.from({ length: 3 * 256 }, (_, index) => inTurn('read-counts', async () => index))
  t.equal((await Promise.all(asked)).length, 3 * 256)
  t.same(refused, [])
})
