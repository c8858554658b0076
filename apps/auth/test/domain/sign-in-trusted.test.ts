import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { signInTrusted } from '../../src/domain/sign-in-trusted.ts'
import {
  context,
  createCredentials,
  createFactor,
  createFakes,
  createProfile,
  listNames,
  opening,
  userId
} from './fakes.ts'

function createKnown(given: Parameters<typeof createProfile>[0], factor?: ReturnType<typeof createFactor>) {
  const { deps, ...fakes } = createFakes({}, factor)
  const known = createCredentials({ profile: createProfile(given), verifier: undefined })
  const users = { ...deps.users, findByIdentifier: async () => known }
  return { deps: { ...deps, users }, ...fakes }
}

const request = { identifier: { kind: 'mobile', value: '9012345678' } as const, name: 'SavingsBank', opening }

test('a user is signed in at the word of a trusted server, without a password', async (t) => {
  const { deps, calls } = createKnown({ firstName: 'SavingsBank' })
  t.match(await signInTrusted(deps, request, context), { ok: true, value: { user: { id: userId }, session: {} } })
  t.same(listNames(calls), ['admit', 'open'])
  t.match(calls.at(-1)?.[1], { epoch: 3, method: 'trusted', opening })
})

test('without a first name a user goes by the username', async (t) => {
  const { deps } = createKnown({ username: 'SavingsBank' })
  t.match(await signInTrusted(deps, request, context), { ok: true })
})

test('another name, and none, open nothing and are told as a failed sign-in', async (t) => {
  for (const given of [{ firstName: 'savingsbank', username: 'SavingsBank' }, {}]) {
    const { deps, calls, events } = createKnown(given)
    t.same(await signInTrusted(deps, request, context), fail('invalid_credentials'))
    t.same(calls, [])
    t.match(events, [{ name: 'signInFailed', userId, payload: { client: opening.client } }])
  }
})

test('who is unknown, or cannot be anybody, is not found', async (t) => {
  const { deps } = createFakes()
  for (const value of ['9012345678', 'x', 'a\0b']) {
    const identifier = { kind: 'mobile', value } as const
    t.same(await signInTrusted(deps, { ...request, identifier }, context), fail('user_not_found'))
  }
})

test('a blocked user stays out', async (t) => {
  const { deps, calls } = createKnown({ firstName: 'SavingsBank' })
  const details = { reason: 'inactivity', blockedUntil: null, retryAfterSeconds: 60 } as const
  const activity = { admit: async () => fail('user_blocked', details) }
  t.same(await signInTrusted({ ...deps, activity }, request, context), fail('user_blocked', details))
  t.same(calls, [])
})

test('what the session service refuses is passed on', async (t) => {
  const { deps } = createKnown({ firstName: 'SavingsBank' })
  const sessions = { ...deps.sessions, open: async () => fail('session_limit', { sessions: [] }) }
  t.same(await signInTrusted({ ...deps, sessions }, request, context), fail('session_limit', { sessions: [] }))
})

test('no server vouches for a second factor', async (t) => {
  const { deps, calls } = createKnown({ firstName: 'SavingsBank' }, createFactor('on'))
  t.same(await signInTrusted(deps, request, context), fail('second_factor_required'))
  t.same(listNames(calls), ['admit'])
})

test('names are tried no more often than passwords', async (t) => {
  const { deps, outcomes } = createKnown({ firstName: 'SavingsBank' })
  await signInTrusted(deps, { ...request, name: 'Another' }, context)
  await signInTrusted(deps, request, context)
  t.same(outcomes, ['wrong', 'right'])
  const refusal = fail('too_many_attempts', { retryAfterSeconds: 30 })
  const limited = { ...deps, attempts: { ...deps.attempts, take: async () => refusal } }
  t.same(await signInTrusted(limited, request, context), refusal)
})
