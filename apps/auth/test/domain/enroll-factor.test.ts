import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { enrollFactor } from '../../src/domain/enroll-factor.ts'
import { createCredentials, createFakes, createProfile, now, userId } from './fakes.ts'

const request = { userId, authenticatedAt: now, method: 'password' } as const

test('a secret is shown and kept sealed, named after the first identifier there is', async (t) => {
  const { deps, calls } = createFakes()
  t.same(await enrollFactor(deps, request), ok({ secret: 'BASE32', otpauthUri: 'otpauth://totp/ann@example.com' }))
  t.same(calls.at(-1), ['putPending', Buffer.from(userId)])
  for (const given of [{ username: 'ann' }, { mobile: '+491' }]) {
    const user = createCredentials({ profile: createProfile({ email: null, ...given }) })
    const users = { ...deps.users, findById: async () => user }
    const otpauthUri = `otpauth://totp/${Object.values(given)[0]}`
    t.match(await enrollFactor({ ...deps, users }, request), { value: { otpauthUri } })
  }
})

test('it wants a fresh sign-in, by the password', async (t) => {
  const { deps, calls } = createFakes()
  const stale = { ...request, authenticatedAt: '2026-11-21T09:19:59.999Z' }
  t.same(await enrollFactor(deps, stale), fail('reauthentication_required'))
  t.same(await enrollFactor(deps, { ...request, method: 'trusted' }), fail('reauthentication_required'))
  t.notOk(calls.some(([name]) => name === 'putPending'))
})

test('a factor that is on stays as it is', async (t) => {
  const { deps } = createFakes()
  const factors = { ...deps.factors, putPending: async () => fail('factor_enabled') }
  t.same(await enrollFactor({ ...deps, factors }, request), fail('factor_enabled'))
})

test('who is gone has nothing to begin with', async (t) => {
  const { deps } = createFakes()
  t.same(await enrollFactor(deps, { ...request, userId: 'nobody' }), fail('user_not_found'))
  const factors = { ...deps.factors, putPending: async () => fail('user_not_found') }
  t.same(await enrollFactor({ ...deps, factors }, request), fail('user_not_found'), 'also who went meanwhile')
})
