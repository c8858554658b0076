import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { raiseSession } from '../../src/domain/raise-session.ts'
import { context, createCredentials, createFakes, opening } from './fakes.ts'

const raised = { user: createCredentials(), sessionId: `21${'s'.repeat(32)}`, opening }

function raiseWith(refusal: ReturnType<typeof fail>) {
  const { deps } = createFakes()
  const open = async () => refusal as never
  return raiseSession({ sessions: { ...deps.sessions, open } }, raised, context)
}

test('a session that has ended meanwhile stays ended', async (t) => {
  const ended = fail('session_ended', { reason: 'revoked_by_user', endedAt: '2026-11-21T09:30:00.000Z' })
  t.same(await raiseWith(ended), ended)
  t.same(await raiseWith(fail('token_invalid')), fail('token_invalid'))
})

test('a password that is being changed, and a service that does not answer, are worth another attempt', async (t) => {
  for (const code of ['invalid_credentials', 'unavailable', 'deadline_exceeded'] as const) {
    t.same(await raiseWith(fail(code)), fail('unavailable'), code)
  }
})

test('anything else is unexpected', async (t) => {
  await t.rejects(raiseWith(fail('internal')), { message: 'session.open answered internal' })
})
