import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { type Deps, StoreUnavailable } from '../../src/domain/ports.ts'
import { register } from '../../src/domain/register.ts'
import { context, createFakes, listNames, opening, userId } from './fakes.ts'

const request = {
  identifiers: [
    { kind: 'email' as const, value: 'Bea@Example.com' },
    { kind: 'mobile' as const, value: '+4915112345678' }
  ],
  password: 'a fine password',
  firstName: 'Bea',
  lastName: null,
  rules: 'platform' as const,
  client: opening.client,
  opening
}

test('a new user is stored with canonical identifiers and gets a session', async (t) => {
  const { deps, calls, events } = createFakes()
  t.match(await register(deps, request, context), {
    ok: true,
    value: { user: { id: userId }, opened: { session: { userId } } }
  })
  t.same(listNames(calls), ['hash', 'insert', 'open'])
  t.match(calls[1]?.[1], {
    identifiers: [
      { kind: 'email', canonical: 'bea@example.com', entered: 'Bea@Example.com' },
      { kind: 'mobile', canonical: '4915112345678', entered: '+4915112345678' }
    ],
    firstName: 'Bea',
    lastName: null,
    verifier: 'argon2:a fine password'
  })
  t.match(events, [
    { id: `${userId}:registered`, name: 'userRegistered', payload: { identifiers: ['email', 'mobile'] } }
  ])
})

test('every field at fault is named, and nothing is hashed', async (t) => {
  const { deps, calls } = createFakes()
  const result = await register(
    deps,
    {
      ...request,
      identifiers: [
        { kind: 'email', value: 'bea' },
        { kind: 'username', value: 'b' },
        { kind: 'mobile', value: 'x' }
      ],
      password: 'short',
      firstName: '',
      lastName: 'a\0'
    },
    context
  )
  const fields = !result.ok && result.code === 'invalid_request' && result.details.errors.map(({ field }) => field)
  t.same(fields, ['email', 'username', 'mobile', 'password', 'firstName', 'lastName'])
  t.same(calls, [])
})

test('one kind of identifier can be given once', async (t) => {
  const { deps } = createFakes()
  const identifiers = [request.identifiers[0], { kind: 'email', value: 'other@example.com' }] as const
  const result = await register(
    deps,
    { ...request, identifiers: identifiers.filter((one) => one !== undefined) },
    context
  )
  t.match(result, { ok: false, code: 'invalid_request', details: { errors: [{ field: 'email', code: 'duplicate' }] } })
})

test('the password is judged against the identifiers that come with it', async (t) => {
  const { deps } = createFakes()
  const identifiers = [{ kind: 'username' as const, value: 'wanderer' }]
  const result = await register(deps, { ...request, identifiers, password: 'Wanderer2026' }, context)
  t.match(result, { details: { errors: [{ field: 'password', code: 'contains_identifier' }] } })
})

test('a taken identifier is named and opens no session', async (t) => {
  const { deps, calls } = createFakes()
  const identifiers = [{ kind: 'email' as const, value: 'ann@example.com' }]
  t.same(await register(deps, { ...request, identifiers }, context), fail('identifier_taken', { field: 'email' }))
  t.same(listNames(calls), ['hash', 'insert'])
})

test('without the session service the user exists and the answer is unavailable', async (t) => {
  const { deps, calls } = createFakes()
  const sessions = { ...deps.sessions, open: async () => fail('deadline_exceeded') }
  t.same(await register({ ...deps, sessions }, request, context), fail('unavailable'))
  t.same(listNames(calls), ['hash', 'insert'])
})

test('a hostile user agent becomes text that can be stored', async (t) => {
  const { deps, events } = createFakes()
  await register(deps, { ...request, client: { ipAddress: '127.0.0.1', userAgent: 'a\0b\ud800' } }, context)
  t.match(events, [{ payload: { client: { userAgent: 'a\ufffdb\ufffd' } } }])
})

test('somebody whom a trusted server vouches for has no password', async (t) => {
  const { deps, calls } = createFakes()
  t.match(await register(deps, { ...request, password: null }, context), { ok: true })
  t.same(listNames(calls), ['insert', 'open'])
  t.match(calls, [
    ['insert', { verifier: undefined }],
    ['open', { method: 'trusted' }]
  ])
})

test('a registration may open no session', async (t) => {
  const { deps, calls, events } = createFakes()
  t.match(await register(deps, { ...request, opening: null }, context), {
    value: { user: { id: userId }, opened: null }
  })
  t.same(listNames(calls), ['hash', 'insert'])
  t.match(events, [{ payload: { client: opening.client } }])
})

test('an identifier that is taken is a wrong attempt, a new user a right one, at a place they are known by', async (t) => {
  const { deps, outcomes } = createFakes()
  const accounts: unknown[] = []
  const attempts: Deps['attempts'] = {
    ...deps.attempts,
    settle: (settled, call) => {
      accounts.push(settled.attempt.account)
      return deps.attempts.settle(settled, call)
    }
  }
  const taken = [{ kind: 'email' as const, value: 'ann@example.com' }]
  await register({ ...deps, attempts }, { ...request, identifiers: taken }, context)
  await register({ ...deps, attempts }, request, context)
  t.same(outcomes, ['wrong', 'right'])
  t.same(accounts, [null, userId])
})

test('over the limit nobody is registered', async (t) => {
  const { deps, calls } = createFakes()
  const refusal = fail('too_many_attempts', { retryAfterSeconds: 30 })
  const limited = { ...deps, attempts: { ...deps.attempts, take: async () => refusal } }
  t.same(await register(limited, request, context), refusal)
  t.same(calls, [])
})

test('whom a trusted server signs up is no attempt', async (t) => {
  const { deps, outcomes } = createFakes()
  t.match(await register(deps, { ...request, password: null, rules: 'legacy' }, context), { ok: true })
  t.same(outcomes, [])
})

test('a store that fails makes it no attempt', async (t) => {
  const { deps, outcomes } = createFakes()
  const insert = async () => {
    throw new StoreUnavailable('down')
  }
  await t.rejects(register({ ...deps, users: { ...deps.users, insert } }, request, context), {
    name: 'StoreUnavailable'
  })
  t.same(outcomes, ['void'])
})
