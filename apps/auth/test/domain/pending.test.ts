import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { settlePending } from '../../src/domain/pending.ts'
import type { PendingEnding } from '../../src/domain/ports.ts'
import { createCredentials, createFakes, listNames, userId } from './fakes.ts'

const call = { requestId: 'sweep', timeoutMs: 1000 }

function createEnding(id: string): PendingEnding {
  return { id, userId, exceptSessionId: 'kept', reason: 'password_changed', epoch: Number(id), adminId: null }
}

test('what is pending is told to the session service and removed', async (t) => {
  const { deps, calls } = createFakes()
  const pending = {
    ...deps.pending,
    claimEndings: async () => [createEnding('1'), createEnding('2')],
    claimProfiles: async () => [createCredentials()]
  }
  t.equal(await settlePending({ ...deps, pending }, call), true)
  t.same(listNames(calls), ['endAll', 'removeEnding', 'endAll', 'removeEnding', 'putProfile', 'removeProfile'])
})

test('a session service that does not answer ends the sweep and keeps the rows', async (t) => {
  const { deps, calls } = createFakes()
  const pending = { ...deps.pending, claimEndings: async () => [createEnding('1'), createEnding('2')] }
  const sessions = { ...deps.sessions, endAll: async () => fail('unavailable') }
  t.equal(await settlePending({ ...deps, pending, sessions }, call), false)
  t.same(calls, [])
})
