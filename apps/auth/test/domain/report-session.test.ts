import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { reportSession } from '../../src/domain/report-session.ts'
import { context, createFakes, listNames, userId } from './fakes.ts'

test('exactly the session of the link ends, and then the link', async (t) => {
  const { deps, calls } = createFakes()
  t.same(await reportSession(deps, { token: 'token' }, context), ok({}))
  t.same(listNames(calls), ['findReport', 'end', 'removeReport'])
  t.same(calls[1]?.[1], { userId, sessionId: 'reported', reason: 'revoked_by_user' })
})

test('a token that is none, and a link used meanwhile, are not valid', async (t) => {
  const { deps } = createFakes()
  t.same(await reportSession(deps, { token: 'nonsense' }, context), fail('link_invalid'))
  const recovery = { ...deps.recovery, removeReport: async () => false }
  t.same(await reportSession({ ...deps, recovery }, { token: 'token' }, context), fail('link_invalid'))
})

test('a session that is not even remembered is over; one that cannot be ended leaves the link', async (t) => {
  const { deps, calls } = createFakes()
  const forgotten = { ...deps.sessions, end: async () => fail('session_not_found') }
  t.same(await reportSession({ ...deps, sessions: forgotten }, { token: 'token' }, context), ok({}))
  calls.length = 0
  const away = { ...deps.sessions, end: async () => fail('deadline_exceeded') }
  t.same(await reportSession({ ...deps, sessions: away }, { token: 'token' }, context), fail('unavailable'))
  t.notOk(listNames(calls).includes('removeReport'))
})
