import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { requestReset, requestResetFor } from '../../src/domain/request-reset.ts'
import { createCredentials, createFakes, createProfile, userId } from './fakes.ts'

const client = { ipAddress: '2001:db8:1:2:3:4:5:6', userAgent: 'phone' }

test('a request is counted by the canonical address and by the network it comes from', async (t) => {
  const { deps, calls } = createFakes()
  t.same(await requestReset(deps, { email: 'ANN@Example.com', client }), ok({}))
  t.same(calls, [['requestReset', { address: 'ann@example.com', source: '2001:db8:1:2' }]])
})

test('what is no address is a fault of the request, and too many requests are told when to come back', async (t) => {
  const { deps } = createFakes()
  const fault = await requestReset(deps, { email: 'nobody', client })
  t.match(fault, { code: 'invalid_request', details: { errors: [{ field: 'email', code: 'invalid_format' }] } })
  const refusal = fail('too_many_attempts', { retryAfterSeconds: 7 })
  const recovery = { ...deps.recovery, requestReset: async () => refusal }
  t.same(await requestReset({ recovery }, { email: 'ann@example.com', client }), refusal)
})

test('an admin has a mail sent to who has an address', async (t) => {
  const { deps, calls } = createFakes()
  t.same(await requestResetFor(deps, { userId }), ok({}))
  t.same(calls.at(-1), ['requestResetFor', { userId, address: 'ann@example.com' }])
  const findById = async () => createCredentials({ profile: createProfile({ email: null }) })
  const without = await requestResetFor({ ...deps, users: { ...deps.users, findById } }, { userId })
  t.match(without, { code: 'invalid_request', details: { errors: [{ field: 'email', code: 'required' }] } })
  const gone = '019a9f3e-6f4b-7c1d-9a55-000000000000'
  t.same(await requestResetFor(deps, { userId: gone }), fail('user_not_found'))
})
