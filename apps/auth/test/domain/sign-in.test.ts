import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { type Deps, StoreUnavailable } from '../../src/domain/ports.ts'
import { signIn } from '../../src/domain/sign-in.ts'
import { context, createFactor, createFakes, listNames, opening, userId } from './fakes.ts'

const email = { kind: 'email', value: 'Ann@Example.com' } as const
const right = { identifier: email, password: 'right password', opening }

test('the right password opens a session under the epoch that was read with the verifier', async (t) => {
  const { deps, calls } = createFakes()
  t.match(await signIn(deps, right, context), { ok: true, value: { user: { id: userId }, session: { userId } } })
  t.same(listNames(calls), ['findByIdentifier', 'verify', 'admit', 'open'])
  t.match(calls.at(-1)?.[1], { epoch: 3, profileVersion: 7, method: 'password', opening })
})

test('an unknown user and a wrong password get one answer at one cost', async (t) => {
  const wrong = createFakes()
  const unknown = createFakes()
  const impossible = createFakes()
  const results = [
    await signIn(wrong.deps, { ...right, password: 'wrong password' }, context),
    await signIn(unknown.deps, { ...right, identifier: { kind: null, value: 'nobody' } }, context),
    await signIn(impossible.deps, { ...right, identifier: { kind: 'username', value: 'x'.repeat(51) } }, context)
  ]
  for (const result of results) t.same(result, fail('invalid_credentials'))
  for (const { calls } of [wrong, unknown, impossible]) t.same(listNames(calls), ['findByIdentifier', 'verify'])
})

test('a failed sign-in of a known user is told, without saying more', async (t) => {
  const { deps, events } = createFakes()
  await signIn(deps, { ...right, password: 'wrong password' }, context)
  t.match(events, [{ name: 'signInFailed', userId, payload: { client: opening.client } }])
})

test('a failed sign-in of nobody is no event', async (t) => {
  const { deps, events } = createFakes()
  await signIn(deps, { ...right, identifier: { kind: null, value: 'nobody' } }, context)
  t.same(events, [])
})

test('a password is compared in one Unicode form', async (t) => {
  const { deps, calls } = createFakes()
  await signIn(deps, { ...right, password: 'cafe\u0301' }, context)
  t.same(calls[1], ['verify', 'caf\u00e9'])
})

test('a password longer than any is refused without a look-up or a hash', async (t) => {
  const { deps, calls } = createFakes()
  t.same(await signIn(deps, { ...right, password: 'x'.repeat(257) }, context), fail('invalid_credentials'))
  t.same(calls, [])
})

test('ill-formed text is a fault of the request, named by field', async (t) => {
  const { deps } = createFakes()
  const fields = [
    await signIn(deps, { ...right, identifier: { kind: null, value: 'a\0b' } }, context),
    await signIn(deps, { ...right, identifier: { kind: 'username', value: '\ud800' } }, context),
    await signIn(deps, { ...right, password: '\ud800' }, context)
  ].map((result) => !result.ok && result.code === 'invalid_request' && result.details.errors[0]?.field)
  t.same(fields, ['identifier', 'username', 'password'])
})

test('what is said to be an e-mail address and is none is a fault of the request', async (t) => {
  const { deps, calls } = createFakes()
  const result = await signIn(deps, { ...right, identifier: { kind: 'email', value: 'no address' } }, context)
  t.match(result, { details: { errors: [{ field: 'email', code: 'invalid_format' }] } })
  t.same(calls, [])
})

for (const [password, outcome] of [
  ['right password', 'right'],
  ['wrong password', 'wrong']
] as const) {
  test(`a ${password} settles its attempt as ${outcome}`, async (t) => {
    const { deps, outcomes } = createFakes()
    await signIn(deps, { ...right, password }, context)
    t.same(outcomes, [outcome])
  })
}

test('over the limit nothing is hashed, whoever exists', async (t) => {
  const { deps, calls } = createFakes()
  const refusal = fail('too_many_attempts', { retryAfterSeconds: 30 })
  const limited = { ...deps, attempts: { ...deps.attempts, take: async () => refusal } }
  t.same(await signIn(limited, right, context), refusal)
  t.same(await signIn(limited, { ...right, identifier: { kind: null, value: 'nobody' } }, context), refusal)
  t.same(listNames(calls), ['findByIdentifier', 'findByIdentifier'])
})

test('a right password is no guess, whatever becomes of the code', async (t) => {
  const { deps, outcomes } = createFakes({}, createFactor('on'))
  await signIn(deps, { ...right, code: '000000' }, context)
  t.same(outcomes, ['right'])
})

function createBlocked(): Deps['activity'] {
  const details = { reason: 'inactivity', blockedUntil: null, retryAfterSeconds: null } as const
  return { admit: async () => fail('user_blocked', details) }
}

test('a blocked user with the right password is told so and gets no session', async (t) => {
  const { deps, calls } = createFakes({ activity: createBlocked() })
  t.match(await signIn(deps, right, context), { ok: false, code: 'user_blocked', details: { reason: 'inactivity' } })
  t.same(listNames(calls), ['findByIdentifier', 'verify'])
})

test('a blocked user with a wrong password is not told', async (t) => {
  const { deps } = createFakes({ activity: createBlocked() })
  t.same(await signIn(deps, { ...right, password: 'wrong password' }, context), fail('invalid_credentials'))
})

for (const code of ['unavailable', 'deadline_exceeded'] as const) {
  test(`activity that answers ${code} keeps nobody out`, async (t) => {
    const { deps } = createFakes({ activity: { admit: async () => fail(code) } })
    t.match(await signIn(deps, right, context), { ok: true })
  })

  test(`a session service that answers ${code} makes the sign-in unavailable`, async (t) => {
    const { deps } = createFakes()
    const sessions = { ...deps.sessions, open: async () => fail(code) }
    t.same(await signIn({ ...deps, sessions }, right, context), fail('unavailable'))
  })
}

test('what the session service refuses is passed on', async (t) => {
  const { deps } = createFakes()
  const sessions = { ...deps.sessions, open: async () => fail('session_limit', { sessions: [] }) }
  t.same(await signIn({ ...deps, sessions }, right, context), fail('session_limit', { sessions: [] }))
})

test('a fault inside the session service is unexpected', async (t) => {
  const { deps } = createFakes()
  const sessions = { ...deps.sessions, open: async () => fail('internal') }
  await t.rejects(signIn({ ...deps, sessions }, right, context), { message: 'session.open answered internal' })
})

test('neighbours are not asked for longer than the caller waits', async (t) => {
  const { deps } = createFakes()
  const timeouts: number[] = []
  const sessions: Deps['sessions'] = {
    ...deps.sessions,
    open: (request, call) => {
      timeouts.push(call.timeoutMs)
      return deps.sessions.open(request, call)
    }
  }
  await signIn({ ...deps, sessions }, right, { ...context, remainingMs: () => 300 })
  t.same(timeouts, [250])
})

const outdated: Deps['passwords']['verify'] = async () => ok({ matches: true, outdated: true })

test('a verifier weaker than the current parameters is replaced after the sign-in', async (t) => {
  const { deps, calls } = createFakes()
  await signIn({ ...deps, passwords: { ...deps.passwords, verify: outdated } }, right, context)
  const from = 'argon2:right password'
  t.same(calls.at(-1), ['upgradeVerifier', { userId, from, to: from }])
})

test('a verifier that cannot be replaced does not fail the sign-in', async (t) => {
  const { deps } = createFakes()
  const passwords = { ...deps.passwords, verify: outdated }
  const upgradeVerifier = async () => {
    throw new StoreUnavailable('down')
  }
  t.match(await signIn({ ...deps, passwords, users: { ...deps.users, upgradeVerifier } }, right, context), { ok: true })
})

test('a full hash queue makes the sign-in unavailable', async (t) => {
  const { deps, outcomes } = createFakes()
  const passwords = { ...deps.passwords, verify: async () => fail('unavailable') }
  t.same(await signIn({ ...deps, passwords }, right, context), fail('unavailable'))
  t.same(outcomes, ['void'], 'and is no attempt')
})

test('a user with a second factor is asked for a code once the password was right, and is told nothing before', async (t) => {
  const { deps, calls, events } = createFakes({}, createFactor('on'))
  t.same(await signIn(deps, right, context), fail('second_factor_required'))
  t.same(listNames(calls), ['findByIdentifier', 'verify', 'admit'])
  t.same(events, [], 'a missing code is no failed sign-in')
  const wrong = { ...right, password: 'wrong password', code: '123456' }
  t.same(await signIn(deps, wrong, context), fail('invalid_credentials'))
  t.notOk(listNames(calls).includes('countAttempt'))
})

test('the right code opens a session that says so', async (t) => {
  const { deps, calls } = createFakes({}, createFactor('on'))
  t.match(await signIn(deps, { ...right, code: '123456' }, context), { ok: true })
  t.same(listNames(calls).slice(2), ['admit', 'countAttempt', 'takeStep', 'open'])
  t.match(calls.at(-1)?.[1], { method: 'password+totp' })
})

test('a wrong code opens nothing and is told as a failed sign-in', async (t) => {
  const { deps, calls, events } = createFakes({}, createFactor('on'))
  t.same(await signIn(deps, { ...right, code: '000000' }, context), fail('second_factor_invalid'))
  t.notOk(listNames(calls).includes('open'))
  t.match(events, [{ name: 'signInFailed', userId }])
})

test('who is deleted while the code is judged is nobody any more', async (t) => {
  const { deps, calls, events } = createFakes({}, createFactor('on'))
  const factors = { ...deps.factors, countAttempt: async () => fail('user_not_found') }
  t.same(await signIn({ ...deps, factors }, { ...right, code: '123456' }, context), fail('invalid_credentials'))
  t.notOk(listNames(calls).includes('open'))
  t.same(events, [])
})

test('a blocked user is not asked for a code', async (t) => {
  const { deps, calls } = createFakes({ activity: createBlocked() }, createFactor('on'))
  t.match(await signIn(deps, { ...right, code: '123456' }, context), { code: 'user_blocked' })
  t.notOk(listNames(calls).includes('countAttempt'))
})
