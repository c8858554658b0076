import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { unblockUser } from '../../src/domain/unblock-user.ts'
import { actor, createAdminFakes, unknownId } from './admin-fakes.ts'
import { context, listNames, userId } from './fakes.ts'

test('a lifted block is told before the answer', async (t) => {
  const { deps, calls, events } = createAdminFakes()
  t.same(await unblockUser(deps, { userId, actor }, context), { ok: true, value: {} })
  t.same(listNames(calls), ['unblock', 'putProfile', 'removeProfile'])
  t.match(events, [{ name: 'userUnblocked', payload: { actor } }])
})

test('an id that is unknown, or none at all, is not found', async (t) => {
  const { deps } = createAdminFakes()
  for (const id of [unknownId, 'x'])
    t.same(await unblockUser(deps, { userId: id, actor }, context), fail('user_not_found'))
})

test('without the session service it stays pending, and the answer is unavailable', async (t) => {
  const { deps } = createAdminFakes()
  const sessions = { ...deps.sessions, putProfile: async () => fail('unavailable') }
  t.same(await unblockUser({ ...deps, sessions }, { userId, actor }, context), fail('unavailable'))
})
