import { fail } from '@latchkey/contracts/errors'
import type { KyselyPlugin } from 'kysely'
import { test } from 'tap'
import { createUserStore } from '../../src/store/users.ts'
import { createEvent, createNewUser, email, openTestStores, username } from './stores.ts'

test('a user is found by any of their identifiers, shown as entered', async (t) => {
  const { users } = await openTestStores(t)
  const user = createNewUser(email('Ann'), username('Wanderer'))
  const inserted = await users.insert(user, createEvent(user.id))
  const profile = {
    id: user.id,
    number: 1,
    email: 'Ann@Example.com',
    emailVerified: false,
    username: 'Wanderer',
    mobile: null,
    firstName: 'Ann',
    lastName: null,
    role: 'user'
  }
  t.match(inserted, { ok: true, value: { profile, epoch: 0, profileVersion: 1 } })
  for (const identifier of user.identifiers) {
    t.match(await users.findByIdentifier([identifier]), { profile, verifier: 'first verifier' })
  }
  t.match(await users.findById(user.id), { profile, verifier: 'first verifier' })
  t.equal(await users.findByIdentifier([]), undefined)
  t.equal(await users.findByIdentifier([username('nobody')]), undefined)
})

test('of several candidates the first that is taken counts', async (t) => {
  const { users } = await openTestStores(t)
  const first = createNewUser(username('ann@example.com'))
  const second = createNewUser(email('ann'))
  for (const user of [first, second]) await users.insert(user, createEvent(user.id))
  const candidates = [email('ann'), username('ann@example.com')]
  t.equal((await users.findByIdentifier(candidates))?.profile.id, second.id)
  t.equal((await users.findByIdentifier(candidates.toReversed()))?.profile.id, first.id)
})

test('looking a user up takes one statement, whether or not there is one', async (t) => {
  const { users, db } = await openTestStores(t)
  const user = createNewUser(email('ann'))
  await users.insert(user, createEvent(user.id))
  let statements = 0
  const counter: KyselyPlugin = {
    transformQuery: ({ node }) => {
      statements += 1
      return node
    },
    transformResult: async ({ result }) => result
  }
  const idle = () => undefined
  const counted = createUserStore({ db: db.withPlugin(counter), attempt: (run) => run(), onEvent: idle, onMail: idle })
  for (const candidates of [[email('ann')], [email('bea')], [email('ann'), username('ann@example.com')], []]) {
    statements = 0
    await counted.findByIdentifier(candidates)
    t.equal(statements, 1)
  }
})

test('of 20 parallel registrations of one identifier exactly one succeeds', async (t) => {
  const { users, db } = await openTestStores(t)
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      const user = createNewUser(username(`user-${index}`), email('ann'))
      return users.insert(user, createEvent(user.id))
    })
  )
  t.equal(outcomes.filter(({ ok }) => ok).length, 1)
  for (const outcome of outcomes.filter(({ ok }) => !ok)) t.same(outcome, fail('identifier_taken', { field: 'email' }))
  const counts = await Promise.all(
    (['users', 'passwords', 'outbox'] as const).map((table) => db.selectFrom(table).selectAll().execute())
  )
  t.same(
    counts.map(({ length }) => length),
    [1, 1, 1]
  )
  t.equal((await db.selectFrom('userIdentifiers').selectAll().execute()).length, 2)
})

test('a refused registration uses up no serial number', async (t) => {
  const { users } = await openTestStores(t)
  for (const user of [createNewUser(email('ann')), createNewUser(email('ann')), createNewUser(email('bea'))]) {
    await users.insert(user, createEvent(user.id))
  }
  t.equal((await users.findByIdentifier([email('bea')]))?.profile.number, 2)
})

test('a password change raises the epoch and leaves the end of the sessions pending', async (t) => {
  const { users, db } = await openTestStores(t)
  const user = createNewUser(email('ann'))
  await users.insert(user, createEvent(user.id))
  const change = { userId: user.id, from: 'first verifier', to: 'second verifier', exceptSessionId: 'kept' }
  const ending = await users.replacePassword(change, (epoch) => ({ ...createEvent(user.id), id: `changed-${epoch}` }))

  t.match(ending, { userId: user.id, exceptSessionId: 'kept', reason: 'password_changed', epoch: 1 })
  t.match(await users.findById(user.id), { verifier: 'second verifier', epoch: 1 })
  const [, event] = await db.selectFrom('outbox').select('event').orderBy('id').execute()
  t.equal(event?.event.id, 'changed-1')
  t.equal((await db.selectFrom('sessionEndings').selectAll().execute()).length, 1)
})

test('of 10 parallel password changes from the same verifier one succeeds, and the others leave nothing', async (t) => {
  const { users, db } = await openTestStores(t)
  const user = createNewUser(email('ann'))
  await users.insert(user, createEvent(user.id))
  const endings = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      users.replacePassword(
        { userId: user.id, from: 'first verifier', to: `verifier ${index}`, exceptSessionId: 'kept' },
        () => createEvent(user.id)
      )
    )
  )
  t.equal(endings.filter((ending) => ending !== undefined).length, 1)
  t.match(await users.findById(user.id), { epoch: 1 })
  t.equal((await db.selectFrom('sessionEndings').selectAll().execute()).length, 1)
  t.equal((await db.selectFrom('outbox').selectAll().execute()).length, 2)
})

test('an upgrade replaces the verifier it was made for and no other', async (t) => {
  const { users } = await openTestStores(t)
  const user = createNewUser(email('ann'))
  await users.insert(user, createEvent(user.id))
  await users.upgradeVerifier({ userId: user.id, from: 'first verifier', to: 'upgraded' })
  await users.upgradeVerifier({ userId: user.id, from: 'first verifier', to: 'too late' })
  t.match(await users.findById(user.id), { verifier: 'upgraded', epoch: 0 })
})

test('a profile changes in one step with its version, event and pending copy', async (t) => {
  const { users, db } = await openTestStores(t)
  const user = createNewUser(email('ann'))
  await users.insert(user, createEvent(user.id))
  await db.updateTable('users').set({ emailVerified: true }).execute()
  const identifiers = { email: email('Bea'), username: username('Wanderer') }
  const updated = await users.updateProfile({ userId: user.id, lastName: 'Example', identifiers }, (version) => ({
    ...createEvent(user.id),
    id: `profile-${version}`
  }))
  const profile = { email: 'Bea@Example.com', emailVerified: false, username: 'Wanderer', lastName: 'Example' }
  t.match(updated, { ok: true, value: { profile: { ...profile, firstName: 'Ann' }, profileVersion: 2, epoch: 0 } })
  t.equal(await users.findByIdentifier([email('ann')]), undefined)
  t.match(await db.selectFrom('profileCopies').selectAll().execute(), [{ userId: user.id, version: 2 }])
  const [, event] = await db.selectFrom('outbox').select('event').orderBy('id').execute()
  t.equal(event?.event.id, 'profile-2')
})

test('a taken identifier leaves the whole profile as it was', async (t) => {
  const { users } = await openTestStores(t)
  const [ann, bea] = [createNewUser(email('ann')), createNewUser(email('bea'))]
  for (const user of [ann, bea]) await users.insert(user, createEvent(user.id))
  const change = { userId: ann.id, firstName: 'Bea', identifiers: { email: email('bea') } }
  const updated = await users.updateProfile(change, () => createEvent(ann.id))
  t.same(updated, fail('identifier_taken', { field: 'email' }))
  t.match(await users.findById(ann.id), { profile: { firstName: 'Ann', email: 'ann@Example.com' }, profileVersion: 1 })
})

test('two changes that would remove the last identifiers together leave one', async (t) => {
  const { users } = await openTestStores(t)
  const user = createNewUser(email('ann'), username('wanderer'))
  await users.insert(user, createEvent(user.id))
  const outcomes = await Promise.all(
    [{ email: null }, { username: null }].map((identifiers) =>
      users.updateProfile({ userId: user.id, identifiers }, () => createEvent(user.id))
    )
  )
  t.equal(outcomes.filter(({ ok }) => ok).length, 1)
  const refused = outcomes.find(({ ok }) => !ok)
  t.match(refused, { code: 'invalid_request', details: { errors: [{ code: 'required' }] } })
})

test('two users who swap their identifiers at the same time end in a consistent state', async (t) => {
  const { users, db } = await openTestStores(t)
  const [ann, bea] = [createNewUser(email('ann')), createNewUser(email('bea'))]
  for (const user of [ann, bea]) await users.insert(user, createEvent(user.id))
  const swap = (userId: string, to: string) =>
    users.updateProfile({ userId, identifiers: { email: email(to) } }, () => createEvent(userId))
  await Promise.allSettled([swap(ann.id, 'bea'), swap(bea.id, 'ann')])
  t.equal((await db.selectFrom('userIdentifiers').selectAll().execute()).length, 2)
})

test('a user who is gone has no profile to change and no password to replace', async (t) => {
  const { users } = await openTestStores(t)
  const userId = createNewUser().id
  t.same(
    await users.updateProfile({ userId, firstName: 'Ann', identifiers: {} }, () => createEvent(userId)),
    fail('user_not_found')
  )
  const change = { userId, from: 'a', to: 'b', exceptSessionId: 'kept' }
  t.equal(await users.replacePassword(change, () => createEvent(userId)), undefined)
})
