import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { StoreUnavailable, UnstorableText } from '../src/domain/ports.ts'
import { createHandlers } from '../src/handlers.ts'
import { context, createFakes, userId } from './domain/fakes.ts'

function getUserWith(err: Error) {
  const { deps } = createFakes()
  const findById = () => Promise.reject(err)
  return createHandlers({ ...deps, users: { ...deps.users, findById } }).getUser({ userId }, context)
}

test('a store that is down is an expected failure', async (t) => {
  t.same(await getUserWith(new StoreUnavailable('down')), fail('unavailable'))
})

test('text that the store cannot hold is a fault of the request', async (t) => {
  t.same(await getUserWith(new UnstorableText('NUL')), fail('invalid_request', { errors: [] }))
})

test('anything else is thrown for the server to log and hide', async (t) => {
  await t.rejects(getUserWith(new Error('bug')), { message: 'bug' })
})
