import type { EventOf } from '@latchkey/contracts/events'
import { test } from 'tap'
import { askAboutSession } from '../../src/domain/ask-about-session.ts'
import { createCredentials, createFakes, createProfile, now, userId } from './fakes.ts'

const device = { id: null, name: 'Firefox on Linux', userAgent: 'Mozilla/5.0', ip: '192.0.2.1' }
const sessionId = `21${'s'.repeat(32)}`
const event: EventOf<'sessionOpened'> = {
  id: 'opened-1',
  version: 1,
  name: 'sessionOpened',
  userId,
  occurredAt: now,
  payload: { sessionId, device, method: 'password', newDevice: true }
}

test('the user is asked about a sign-in on a new device', async (t) => {
  const { deps, calls } = createFakes()
  await askAboutSession(deps, event)
  const details = { device: 'Firefox on Linux', ip: '192.0.2.1', at: now }
  t.same(calls.at(-1), ['askAboutSession', { userId, address: 'ann@example.com', sessionId, details }])
})

test('nothing is asked about a known device, or long after', async (t) => {
  const { deps, calls } = createFakes()
  await askAboutSession(deps, { ...event, payload: { ...event.payload, newDevice: false } })
  await askAboutSession(deps, { ...event, occurredAt: '2026-11-20T09:29:59.999Z' })
  t.same(calls, [])
})

test('who has no address, or is gone, is not asked', async (t) => {
  const { deps, calls } = createFakes()
  const findById = async () => createCredentials({ profile: createProfile({ email: null }) })
  await askAboutSession({ ...deps, users: { ...deps.users, findById } }, event)
  await askAboutSession(deps, { ...event, userId: '019a9f3e-6f4b-7c1d-9a55-000000000000' })
  t.notOk(calls.some(([name]) => name === 'askAboutSession'))
})
