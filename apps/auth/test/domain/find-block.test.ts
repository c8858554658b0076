import type { AttemptOutcome } from '@latchkey/contracts/attempts'
import { test } from 'tap'
import { findBlock } from '../../src/domain/find-block.ts'
import type { OpenAttempt } from '../../src/domain/take-attempt.ts'
import { context, createCredentials, createFakes, listNames, openedAttempt } from './fakes.ts'

function openAttempt(shared: OpenAttempt['shared']) {
  const outcomes: AttemptOutcome[] = []
  const attempt: OpenAttempt = { shared, settle: async (outcome) => void outcomes.push(outcome) }
  return { attempt, outcomes }
}

const at = new Date('2026-11-21T09:00:00.000Z')

test('whom an admin has blocked is kept out whatever the activity service says, and is no activity', async (t) => {
  const { deps, calls } = createFakes()
  const until = new Date('2026-11-21T09:30:59.001Z')
  const user = createCredentials({ block: { at, until, by: undefined, note: 'spam' } })
  const { attempt, outcomes } = openAttempt(openedAttempt)
  t.match(await findBlock(deps, { user, attempt }, context), {
    code: 'user_blocked',
    details: { reason: 'admin', blockedUntil: until.toISOString(), retryAfterSeconds: 60 }
  })
  const endless = createCredentials({ block: { at, until: undefined, by: undefined, note: undefined } })
  const details = { reason: 'admin', blockedUntil: null, retryAfterSeconds: null } as const
  t.match(await findBlock(deps, { user: endless, attempt }, context), { code: 'user_blocked', details })
  t.same(listNames(calls), [])
  t.same(outcomes, ['right', 'right'], 'the password was right all the same')
})

test('everybody else is asked about', async (t) => {
  const fakes = createFakes()
  const { attempt, outcomes } = openAttempt(openedAttempt)
  t.equal(await findBlock(fakes.deps, { user: createCredentials(), attempt }, context), undefined)
  t.same(fakes.calls, [['admit', 'sign_in']])
  t.same([fakes.outcomes, outcomes], [['right'], []], 'the attempt is settled on the way')
})

test('an attempt that was taken here is settled here', async (t) => {
  const fakes = createFakes()
  const { attempt, outcomes } = openAttempt(undefined)
  await findBlock(fakes.deps, { user: createCredentials(), attempt }, context)
  t.same([fakes.outcomes, outcomes], [[], ['right']])
})
