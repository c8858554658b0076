import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { setRole } from '../../src/domain/set-role.ts'
import { actor, createAdminFakes, unknownId } from './admin-fakes.ts'
import { context, listNames, userId } from './fakes.ts'

test('a role that is given is known everywhere before the answer, and ends no session', async (t) => {
  const { deps, calls, events } = createAdminFakes()
  t.match(await setRole(deps, { userId, role: 'admin', actor }, context), {
    ok: true,
    value: { id: userId, block: null }
  })
  t.same(listNames(calls), ['setRole', 'putProfile', 'removeProfile'])
  t.match(events, [{ id: `${userId}:role:8`, name: 'roleChanged', payload: { role: 'admin', actor } }])
})

test('a role that is lost ends every session in the name of that admin', async (t) => {
  const { deps, calls } = createAdminFakes()
  t.match(await setRole(deps, { userId, role: 'user', actor }, context), { ok: true })
  const ended = calls.find(([name]) => name === 'endAll')
  t.match(ended?.[1], { userId, exceptSessionId: '', reason: 'revoked_by_admin', epoch: 4, actor })
  t.ok(listNames(calls).includes('removeEnding'))
})

test('what the session service has not heard stays pending, and the answer is unavailable', async (t) => {
  const { deps, calls } = createAdminFakes()
  const sessions = { ...deps.sessions, endAll: async () => fail('unavailable') }
  t.same(await setRole({ ...deps, sessions }, { userId, role: 'user', actor }, context), fail('unavailable'))
  t.notOk(listNames(calls).includes('removeEnding'))
})

test('an id that is unknown, or none at all, is not found', async (t) => {
  const { deps } = createAdminFakes()
  for (const id of [unknownId, 'x', '', userId.toUpperCase()]) {
    t.same(await setRole(deps, { userId: id, role: 'user', actor }, context), fail('user_not_found'), id)
  }
})
