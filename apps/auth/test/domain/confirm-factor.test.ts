import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { confirmFactor } from '../../src/domain/confirm-factor.ts'
import { context, createFactor, createFakes, listNames, opening, userId } from './fakes.ts'

const sessionId = `21${'s'.repeat(32)}`
const request = { userId, sessionId, code: '123456', opening }

test('a right code raises the session, then turns the factor on and shows the recovery codes', async (t) => {
  const factor = createFactor('pending')
  const { deps, calls, events } = createFakes({}, factor)
  const confirmed = await confirmFactor(deps, request, context)
  t.match(confirmed, {
    ok: true,
    value: { recoveryCodes: ['aaaa-bbbb', 'cccc-dddd'], session: { userId }, tokens: {} }
  })
  t.same(listNames(calls), ['findById', 'listEndings', 'countAttempt', 'takeStep', 'open', 'enable'])
  t.match(calls[4]?.[1], { epoch: 3, method: 'password+totp', replaces: sessionId, opening })
  const codeHashes = [Buffer.from('aaaa-bbbb'), Buffer.from('cccc-dddd')]
  t.same(calls[5]?.[1], { secret: factor.secret, codeHashes })
  t.match(events, [{ name: 'factorEnabled', userId }])
})

test('a wrong code, one that was taken before, and a recovery code confirm nothing', async (t) => {
  const { deps, calls } = createFakes({}, createFactor('pending'))
  for (const code of ['000000', 'aaaa-bbbb']) {
    t.same(await confirmFactor(deps, { ...request, code }, context), fail('wrong_code'))
  }
  const factors = { ...deps.factors, takeStep: async () => false }
  t.same(await confirmFactor({ ...deps, factors }, request, context), fail('wrong_code'))
  t.notOk(listNames(calls).includes('open'))
})

test('with nothing to confirm there is no right code, and with a factor on nothing to confirm', async (t) => {
  const { deps, calls } = createFakes()
  t.same(await confirmFactor(deps, request, context), fail('wrong_code'))
  t.same(listNames(calls), ['findById', 'listEndings'])
  t.same(await confirmFactor(createFakes({}, createFactor('on')).deps, request, context), fail('factor_enabled'))
  t.same(await confirmFactor(deps, { ...request, userId: 'nobody' }, context), fail('user_not_found'))
})

test('over the budget no code is judged', async (t) => {
  const { deps, calls } = createFakes({}, createFactor('pending'))
  const refused = fail('too_many_attempts', { retryAfterSeconds: 60 })
  const factors = { ...deps.factors, countAttempt: async () => refused }
  t.same(await confirmFactor({ ...deps, factors }, request, context), refused)
  t.same(listNames(calls), ['findById', 'listEndings'])
})

test('sessions that are to end have ended before one of them may go on', async (t) => {
  const { deps, calls, events } = createFakes({}, createFactor('pending'))
  const ending = {
    id: '9',
    userId,
    exceptSessionId: null,
    reason: 'password_changed',
    epoch: 3,
    adminId: null
  } as const
  const pending = { ...deps.pending, listEndings: async () => [ending, { ...ending, id: '10' }] }
  t.match(await confirmFactor({ ...deps, pending }, request, context), { ok: true })
  const settled = ['endAll', 'removeEnding', 'endAll', 'removeEnding']
  t.same(listNames(calls).slice(1), [...settled, 'countAttempt', 'takeStep', 'open', 'enable'])

  calls.length = events.length = 0
  const sessions = { ...deps.sessions, endAll: async () => fail('deadline_exceeded') }
  t.same(await confirmFactor({ ...deps, pending, sessions }, request, context), fail('unavailable'))
  t.same([listNames(calls), events], [['findById'], []])
})

test('while the session cannot go on the factor does not take effect', async (t) => {
  const { deps, calls, events } = createFakes({}, createFactor('pending'))
  const sessions = { ...deps.sessions, open: async () => fail('deadline_exceeded') }
  t.same(await confirmFactor({ ...deps, sessions }, request, context), fail('unavailable'))
  t.notOk(listNames(calls).includes('enable'))
  t.same(events, [])
})

test('a secret that another one has replaced meanwhile is not turned on', async (t) => {
  const { deps } = createFakes({}, createFactor('pending'))
  const factors = { ...deps.factors, enable: async () => false }
  t.same(await confirmFactor({ ...deps, factors }, request, context), fail('wrong_code'))
})
