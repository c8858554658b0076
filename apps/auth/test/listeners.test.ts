import type { EventOf } from '@latchkey/contracts/events'
import { ListenerUnavailable } from '@latchkey/messaging/listen'
import { test } from 'tap'
import { StoreUnavailable } from '../src/domain/ports.ts'
import { createListeners } from '../src/listeners.ts'
import { createFakes, now, userId } from './domain/fakes.ts'

const event: EventOf<'sessionOpened'> = {
  id: 'opened-1',
  version: 1,
  name: 'sessionOpened',
  userId,
  occurredAt: now,
  payload: {
    sessionId: `21${'s'.repeat(32)}`,
    device: { id: null, name: 'curl', userAgent: 'curl/8', ip: '192.0.2.1' },
    method: 'password',
    newDevice: true
  }
}

test('a sign-in on a new device is asked about, again and again while the store is down', async (t) => {
  const { deps, calls } = createFakes()
  await createListeners(deps).sessionOpened?.(event)
  t.equal(calls.at(-1)?.[0], 'askAboutSession')
  const failing = (err: Error) => ({ ...deps, users: { ...deps.users, findById: () => Promise.reject(err) } })
  const down = createListeners(failing(new StoreUnavailable('down')))
  await t.rejects(down.sessionOpened?.(event) ?? Promise.resolve(), ListenerUnavailable)
  const broken = createListeners(failing(new Error('bug')))
  await t.rejects(broken.sessionOpened?.(event) ?? Promise.resolve(), { message: 'bug' })
})
