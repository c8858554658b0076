import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { getUser } from '../../src/domain/get-user.ts'
import { createFakes, createProfile, userId } from './fakes.ts'

test('a user is shown by the public profile and nothing else', async (t) => {
  const { deps } = createFakes()
  t.same(await getUser(deps, { userId }), { ok: true, value: createProfile() })
})

test('an unknown user is not found', async (t) => {
  const { deps } = createFakes()
  t.same(await getUser(deps, { userId: '019a9f3e-6f4b-7c1d-9a55-000000000000' }), fail('user_not_found'))
})
