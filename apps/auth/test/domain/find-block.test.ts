import { test } from 'tap'
import { findBlock } from '../../src/domain/find-block.ts'
import { context, createCredentials, createFakes, listNames } from './fakes.ts'

const at = new Date('2026-11-21T09:00:00.000Z')

test('whom an admin has blocked is kept out whatever the activity service says, and is no activity', async (t) => {
  const { deps, calls } = createFakes()
  const until = new Date('2026-11-21T09:30:59.001Z')
  const user = createCredentials({ block: { at, until, by: undefined, note: 'spam' } })
  t.match(await findBlock(deps, user, context), {
    code: 'user_blocked',
    details: { reason: 'admin', blockedUntil: until.toISOString(), retryAfterSeconds: 60 }
  })
  const endless = createCredentials({ block: { at, until: undefined, by: undefined, note: undefined } })
  const details = { reason: 'admin', blockedUntil: null, retryAfterSeconds: null } as const
  t.match(await findBlock(deps, endless, context), { code: 'user_blocked', details })
  t.same(listNames(calls), [])
})

test('everybody else is asked about', async (t) => {
  const { deps, calls } = createFakes()
  t.equal(await findBlock(deps, createCredentials(), context), undefined)
  t.same(calls, [['admit', 'sign_in']])
})
