import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { requestVerification } from '../../src/domain/request-verification.ts'
import { createCredentials, createFakes, createProfile, listNames, userId } from './fakes.ts'

test('the address of the user is asked for in its canonical form', async (t) => {
  const { deps, calls } = createFakes()
  t.same(await requestVerification(deps, { userId }), ok({}))
  t.same(calls.at(-1), ['requestVerification', { userId, address: 'ann@example.com' }])
})

test('who has no address is sent nothing, and who is gone is not found', async (t) => {
  const { deps, calls } = createFakes()
  const findById = async () => createCredentials({ profile: createProfile({ email: null }) })
  t.same(await requestVerification({ ...deps, users: { ...deps.users, findById } }, { userId }), ok({}))
  const gone = '019a9f3e-6f4b-7c1d-9a55-000000000000'
  t.same(await requestVerification(deps, { userId: gone }), fail('user_not_found'))
  t.notOk(listNames(calls).includes('requestVerification'))
})
