import { test } from 'tap'
import { StoreUnavailable } from '../../src/domain/ports.ts'
import { createQueues, type QueueKind } from '../../src/store/queues.ts'

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
  slow.resolve('sessions')
  const ends = await Promise.allSettled(lists)
  const rejected = ends.filter(({ status }) => status === 'rejected')
  t.same(
    refused,
    rejected.map(() => 'other')
  )
  t.ok(rejected.length < FAR_TOO_MANY, 'the others had their turn')
})
