import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { openAdministered } from './administered.ts'

const refusal = fail('last_admin')
const HOUR_MS = 3_600_000

test('the last admin is neither demoted nor blocked, whoever else there is', async (t) => {
  const { add, setRole, block, listAdmins } = await openAdministered(t)
  const ann = await add('ann', 'admin')
  const bea = await add('bea')
  t.same(await setRole(ann, 'user'), refusal)
  t.same(await block(ann), refusal)
  t.same(await block(ann, new Date(Date.now() + HOUR_MS)), refusal)
  t.match(await block(bea), { ok: true })
  await setRole(bea, 'admin')
  t.same(await setRole(ann, 'user'), refusal, 'an admin who is blocked does not count')
  t.match(await setRole(bea, 'user'), { ok: true }, 'nor are they missed')
  t.same(await listAdmins(), [ann])
})

test('an admin whose block has ended counts again', async (t) => {
  const { add, setRole, block, db } = await openAdministered(t)
  const ann = await add('ann', 'admin')
  const bea = await add('bea', 'admin')
  await block(bea, new Date(Date.now() + HOUR_MS))
  t.same(await setRole(ann, 'user'), refusal)
  await db
    .updateTable('userBlocks')
    .set({ blockedUntil: new Date(Date.now() - 1) })
    .execute()
  t.match(await setRole(ann, 'user'), { ok: true })
})

test('of admins who demote each other at the same time one stays, every time', async (t) => {
  const { add, setRole, listAdmins } = await openAdministered(t)
  const ids = await Promise.all(['ann', 'bea', 'cleo', 'dora'].map((name) => add(name, 'admin')))
  for (let round = 0; round < 15; round += 1) {
    const outcomes = await Promise.all(ids.map((id) => setRole(id, 'user')))
    t.same(
      outcomes.filter(({ ok }) => !ok),
      [refusal]
    )
    t.equal((await listAdmins()).length, 1)
    for (const id of ids) await setRole(id, 'admin')
  }
})

test('of a demotion and a block that would leave no admin together one is refused', async (t) => {
  const { add, setRole, block, unblock } = await openAdministered(t)
  const ann = await add('ann', 'admin')
  const bea = await add('bea', 'admin')
  for (let round = 0; round < 15; round += 1) {
    const outcomes = await Promise.all([setRole(ann, 'user'), block(bea)])
    t.equal(outcomes.filter(({ ok }) => ok).length, 1)
    await setRole(ann, 'admin')
    await unblock(bea)
  }
})
