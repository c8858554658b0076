import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { adminId, openAdministered } from './administered.ts'

test('a new role is a new version of the profile, with an event and a copy pending', async (t) => {
  const { add, setRole, db } = await openAdministered(t)
  const ann = await add('ann')
  t.match(await setRole(ann, 'admin'), {
    value: { user: { profile: { role: 'admin' }, profileVersion: 2, epoch: 0 }, ending: undefined }
  })
  t.match(await db.selectFrom('profileCopies').selectAll().execute(), [{ userId: ann, version: 2 }])
  t.equal((await db.selectFrom('outbox').selectAll().execute()).length, 2)
})

test('who loses the role leaves the end of their sessions pending, by that admin', async (t) => {
  const { add, setRole, db } = await openAdministered(t)
  await add('ann', 'admin')
  const bea = await add('bea', 'admin')
  const changed = await setRole(bea, 'user')
  const ending = { userId: bea, reason: 'revoked_by_admin', epoch: 1, adminId }
  t.match(changed, { value: { user: { profile: { role: 'user' }, epoch: 1 }, ending } })
  t.match(await db.selectFrom('sessionEndings').selectAll().execute(), [ending])
})

test('whoever takes the role again is told of the end of sessions that is still pending', async (t) => {
  const { add, setRole, db } = await openAdministered(t)
  await add('ann', 'admin')
  const bea = await add('bea', 'admin')
  await setRole(bea, 'user')
  const ending = { userId: bea, reason: 'revoked_by_admin', epoch: 1, adminId }
  t.match(await setRole(bea, 'user'), { value: { user: { epoch: 1 }, ending } })
  t.equal((await db.selectFrom('sessionEndings').selectAll().execute()).length, 1)
  await db.deleteFrom('sessionEndings').execute()
  t.match(await setRole(bea, 'user'), { value: { ending: undefined } })
})

test('a role that the user has already changes nothing', async (t) => {
  const { add, setRole, db } = await openAdministered(t)
  const ann = await add('ann', 'admin')
  const before = await db.selectFrom('outbox').selectAll().execute()
  t.match(await setRole(ann, 'admin'), { value: { user: { profileVersion: 2 }, ending: undefined } })
  t.same(await db.selectFrom('outbox').selectAll().execute(), before)
})

test('an unknown user is not found', async (t) => {
  const { setRole, block, unblock } = await openAdministered(t)
  for (const outcome of [await setRole(adminId, 'admin'), await block(adminId), await unblock(adminId)]) {
    t.same(outcome, fail('user_not_found'))
  }
})
