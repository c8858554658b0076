import { test } from 'tap'
import { adminId, openAdministered } from './administered.ts'

const later = () => new Date(Date.now() + 3_600_000)

test('a block is found with the user for as long as it holds', async (t) => {
  const { add, block, unblock, users, db } = await openAdministered(t)
  const ann = await add('ann')
  const until = later()
  t.match(await block(ann, until), {
    value: { user: { profileVersion: 2 }, block: { until, by: adminId, note: 'spam' } }
  })
  t.match((await users.findById(ann))?.block, { until, by: adminId, note: 'spam', at: Date })
  t.match(await block(ann), { value: { user: { profileVersion: 3, block: { until: undefined } } } }, 'replaced')

  await db
    .updateTable('userBlocks')
    .set({ blockedUntil: new Date(Date.now() - 1) })
    .execute()
  t.equal((await users.findById(ann))?.block, undefined, 'it ends by its time')
  t.match(await unblock(ann), { value: { profileVersion: 3 } }, 'and nothing is left to lift')
})

test('each decision is a version of its own, with an event and a copy pending; none is made of nothing', async (t) => {
  const { add, block, unblock, db } = await openAdministered(t)
  const ann = await add('ann')
  await block(ann)
  t.match(await unblock(ann), { value: { block: undefined, profileVersion: 3 } })
  t.match(await unblock(ann), { value: { profileVersion: 3 } })
  t.match(await db.selectFrom('profileCopies').selectAll().execute(), [{ userId: ann, version: 3 }])
  t.equal((await db.selectFrom('outbox').selectAll().execute()).length, 3)
})

test('however many block and unblock at once, the newest version tells what is stored', async (t) => {
  const { add, block, unblock, users } = await openAdministered(t)
  const ann = await add('ann')
  for (let round = 0; round < 10; round += 1) {
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        if (index % 2 === 1) return await unblock(ann)
        const blocked = await block(ann, later())
        return blocked.ok ? { ok: true, value: blocked.value.user } : blocked
      })
    )
    const versions = outcomes.map((outcome) => ('value' in outcome ? outcome.value : undefined))
    const newest = versions.toSorted((a, b) => (b?.profileVersion ?? 0) - (a?.profileVersion ?? 0))[0]
    const stored = await users.findById(ann)
    t.same([stored?.profileVersion, stored?.block], [newest?.profileVersion, newest?.block])
  }
})
