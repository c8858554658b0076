import { sql } from 'kysely'
import { test } from 'tap'
import { createEvent, createNewUser, email, openTestStores } from './stores.ts'

async function openWithPending(t: Parameters<typeof openTestStores>[0]) {
  const stores = await openTestStores(t)
  const user = createNewUser(email('ann'))
  await stores.users.insert(user, createEvent(user.id))
  const change = { userId: user.id, from: 'first verifier', to: 'second verifier', exceptSessionId: 'kept' }
  const ending = await stores.users.replacePassword(change, () => createEvent(user.id))
  await stores.users.updateProfile({ userId: user.id, firstName: 'Bea', identifiers: {} }, () => createEvent(user.id))
  const expire = async () => {
    await stores.db.updateTable('sessionEndings').set({ dueAt: sql`now()` }).execute()
    await stores.db.updateTable('profileCopies').set({ dueAt: sql`now()` }).execute()
  }
  return { ...stores, userId: user.id, ending, expire }
}

test('what a request is still working at is not handed out', async (t) => {
  const { pending } = await openWithPending(t)
  t.same(await pending.claimEndings(10), [])
  t.same(await pending.claimProfiles(10), [])
})

test('what was left is handed out to one of several claimants', async (t) => {
  const { pending, expire, ending, userId } = await openWithPending(t)
  await expire()
  const endings = await Promise.all([pending.claimEndings(10), pending.claimEndings(10)])
  t.same(endings.flat(), [ending])
  const profiles = await Promise.all([pending.claimProfiles(10), pending.claimProfiles(10)])
  t.match(profiles.flat(), [{ profile: { id: userId, firstName: 'Bea' }, profileVersion: 2 }])
  t.equal(profiles.flat().length, 1)
})

test('what has to end is known of its user, whoever is at it', async (t) => {
  const { pending, users, ending, userId } = await openWithPending(t)
  const other = createNewUser(email('bea'))
  await users.insert(other, createEvent(other.id))
  const change = { userId, from: 'second verifier', to: 'third verifier', exceptSessionId: 'kept' }
  const later = await users.replacePassword(change, () => createEvent(userId))
  t.same(await pending.listEndings(userId), [ending, later])
  t.same(await pending.listEndings(other.id), [])
})

test('what was claimed and not removed is handed out again', async (t) => {
  const { pending, expire } = await openWithPending(t)
  await expire()
  await pending.claimEndings(10)
  await expire()
  t.equal((await pending.claimEndings(10)).length, 1)
})

test('what was removed is never handed out', async (t) => {
  const { pending, expire, ending, userId } = await openWithPending(t)
  await pending.removeEnding(ending?.id ?? '')
  await pending.removeProfile(userId, 2)
  await expire()
  t.same(await pending.claimEndings(10), [])
  t.same(await pending.claimProfiles(10), [])
})

test('removing an older version of a profile keeps what a newer one has left', async (t) => {
  const { pending, expire, userId } = await openWithPending(t)
  await pending.removeProfile(userId, 1)
  await expire()
  t.equal((await pending.claimProfiles(10)).length, 1)
})
