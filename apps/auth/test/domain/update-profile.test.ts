import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { updateProfile } from '../../src/domain/update-profile.ts'
import { context, createCredentials, createFakes, createProfile, listNames, now, userId } from './fakes.ts'

const fresh = { userId, authenticatedAt: now }
const stale = { userId, authenticatedAt: '2026-11-21T09:19:59.999Z' }

test('a name changes at any time, and the copy is refreshed before the answer', async (t) => {
  const { deps, calls, events } = createFakes()
  t.match(await updateProfile(deps, { ...stale, changes: { firstName: 'Ann' } }, context), { ok: true })
  t.same(listNames(calls), ['findById', 'updateProfile', 'putProfile', 'removeProfile'])
  t.same(calls[1]?.[1], { userId, firstName: 'Ann', identifiers: {} })
  t.match(events, [{ id: `${userId}:profile:8`, name: 'profileChanged', payload: { fields: ['firstName'] } }])
})

test('an identifier changes within ten minutes of the sign-in only', async (t) => {
  const { deps, calls } = createFakes()
  const changes = { username: 'Wanderer' }
  t.same(await updateProfile(deps, { ...stale, changes }, context), fail('reauthentication_required'))
  t.match(await updateProfile(deps, { ...fresh, changes }, context), { ok: true })
  const username = { kind: 'username', canonical: 'wanderer', entered: 'Wanderer' }
  t.same(calls.find(([name]) => name === 'updateProfile')?.[1], { userId, identifiers: { username } })
})

test('null removes, absent leaves', async (t) => {
  const { deps, calls } = createFakes()
  await updateProfile(deps, { ...fresh, changes: { email: null, username: 'wanderer' } }, context)
  t.match(calls[1]?.[1], { identifiers: { email: null, username: { canonical: 'wanderer' } } })
})

test('an address that replaces another one is asked first, and the profile answered as it is', async (t) => {
  const { deps, calls, events } = createFakes()
  const newEmail = { kind: 'email', canonical: 'bea@example.com', entered: 'Bea@example.com' }
  const result = await updateProfile(deps, { ...fresh, changes: { email: 'Bea@example.com' } }, context)
  t.match(result, { ok: true, value: { email: 'ann@example.com' } })
  t.same(listNames(calls), ['findById', 'updateProfile'])
  t.same(calls[1]?.[1], { userId, identifiers: {}, newEmail })
  const changes = { email: 'Bea@example.com', firstName: 'Bea' }
  t.same(await updateProfile(deps, { ...stale, changes }, context), fail('reauthentication_required'))
  await updateProfile(deps, { ...fresh, changes }, context)
  t.match(events.at(-1), { payload: { fields: ['firstName'] } })
  t.ok(listNames(calls).includes('putProfile'))
})

test("a first address is the user's own at once", async (t) => {
  const { deps, calls } = createFakes()
  const findById = async () => createCredentials({ profile: createProfile({ email: null }) })
  const changes = { email: 'Bea@example.com' }
  await updateProfile({ ...deps, users: { ...deps.users, findById } }, { ...fresh, changes }, context)
  t.match(calls[0]?.[1], { identifiers: { email: { canonical: 'bea@example.com' } }, newEmail: undefined })
})

test('what is as it was is no change, needs no fresh sign-in, and is known everywhere before the answer', async (t) => {
  const { deps, calls, events } = createFakes()
  const changes = { email: 'ann@example.com', firstName: null }
  t.match(await updateProfile(deps, { ...stale, changes }, context), { ok: true, value: { id: userId } })
  t.same(listNames(calls), ['findById', 'putProfile', 'removeProfile'])
  t.same(events, [])
  const sessions = { ...deps.sessions, putProfile: async () => fail('unavailable') }
  t.same(await updateProfile({ ...deps, sessions }, { ...stale, changes }, context), fail('unavailable'))
})

test('every field at fault is named', async (t) => {
  const { deps } = createFakes()
  const changes = { email: 'x', username: 'a b c', mobile: '1', firstName: '', lastName: '\ud800' }
  const result = await updateProfile(deps, { ...fresh, changes }, context)
  const fields = !result.ok && result.code === 'invalid_request' && result.details.errors.map(({ field }) => field)
  t.same(fields, ['email', 'username', 'mobile', 'firstName', 'lastName'])
})

test('without the session service the copy stays pending and the answer is unavailable', async (t) => {
  const { deps, calls } = createFakes()
  const sessions = { ...deps.sessions, putProfile: async () => fail('deadline_exceeded') }
  const result = await updateProfile({ ...deps, sessions }, { ...fresh, changes: { firstName: 'Ann' } }, context)
  t.same(result, fail('unavailable'))
  t.notOk(listNames(calls).includes('removeProfile'))
})

test('a user who is gone is not found', async (t) => {
  const { deps } = createFakes()
  const request = { ...fresh, userId: '019a9f3e-6f4b-7c1d-9a55-000000000000', changes: { firstName: 'Ann' } }
  t.same(await updateProfile(deps, request, context), fail('user_not_found'))
})
