import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { findUser } from '../../src/domain/find-user.ts'
import { createFakes, userId } from './fakes.ts'

test('a user is found by an identifier however it is written', async (t) => {
  const { deps } = createFakes()
  const identifier = { kind: 'email', value: 'ANN@Example.com' } as const
  t.match(await findUser(deps, { identifier }), { ok: true, value: { id: userId } })
})

test('what nobody has, or cannot have, is not found', async (t) => {
  const { deps } = createFakes()
  for (const value of ['bea@example.com', 'no address', '']) {
    t.same(await findUser(deps, { identifier: { kind: 'email', value } }), fail('user_not_found'))
  }
})
