import { fail, ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import type { FactorHandlers } from '../stand-ins.ts'

const nats = await startNats(t)
const origin = 'http://127.0.0.1:3000'

t.test('enrolling passes on when and how the session was opened', async (t) => {
  const asked: unknown[] = []
  const enroll: FactorHandlers['enroll'] = async (request) => {
    asked.push(request)
    return ok({ secret: 'JBSWY3DPEHPK3PXP', otpauthUri: 'otpauth://totp/x' })
  }
  const { app, bearer, signedIn } = await startGateway(t, { natsUrl: nats.url, factors: { enroll } })
  const res = await app.inject({ method: 'POST', url: '/v1/me/totp', headers: bearer })
  t.same([res.statusCode, res.json()], [200, { secret: 'JBSWY3DPEHPK3PXP', otpauthUri: 'otpauth://totp/x' }])
  t.equal(res.headers['cache-control'], 'no-store')
  const { user, session } = signedIn
  t.same(asked, [{ userId: user.id, authenticatedAt: session.createdAt, method: 'password' }])
})

t.test('confirming answers the recovery codes and the session that goes on, on the same device', async (t) => {
  const asked: unknown[] = []
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    factors: {
      confirm: async (request) => {
        asked.push(request)
        const { session, tokens } = signedIn
        return ok({ recoveryCodes: ['k7qd-2mxa-v5tz-bn3w'], session: { ...session, method: 'password+totp' }, tokens })
      }
    }
  })
  const confirm = (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/v1/me/totp/confirm', headers, payload: { code: '492039' } })

  const res = await confirm({ ...bearer, 'user-agent': 'curl/8' })
  const { user, session, tokens } = signedIn
  const { userId: _, ...shown } = session
  t.same(res.json(), {
    recoveryCodes: ['k7qd-2mxa-v5tz-bn3w'],
    session: { ...shown, method: 'password+totp', current: true },
    ...tokens
  })
  const client = { ipAddress: '127.0.0.1', userAgent: 'curl/8' }
  const opening = { client, deviceId: null, tokens: 'pair', policy: null }
  t.same(asked, [{ userId: user.id, sessionId: session.id, code: '492039', opening }])

  const byCookie = await confirm({ cookie: `latchkey=${tokens.accessToken}`, origin })
  t.same(
    byCookie.cookies.map(({ name, value }) => [name, value]),
    [
      ['latchkey', tokens.accessToken],
      ['latchkey-refresh', tokens.refreshToken]
    ]
  )
  t.notOk('accessToken' in byCookie.json() || 'refreshToken' in byCookie.json())
  t.equal((await confirm({ cookie: `latchkey=${tokens.accessToken}` })).json().code, 'csrf')
})

t.test('a refused code sets no cookies', async (t) => {
  const { app, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    factors: { confirm: async () => fail('wrong_code') }
  })
  const headers = { cookie: `latchkey=${signedIn.tokens.accessToken}`, origin }
  const res = await app.inject({ method: 'POST', url: '/v1/me/totp/confirm', headers, payload: { code: '000000' } })
  t.match(res.json(), { status: 403, code: 'wrong_code' })
  t.same(res.cookies, [])
})

t.test('removing wants the password, keeps the session that asks, and answers nothing', async (t) => {
  const asked: unknown[] = []
  const remove: FactorHandlers['remove'] = async (request) => {
    asked.push(request)
    return ok({})
  }
  const { app, bearer, signedIn } = await startGateway(t, { natsUrl: nats.url, factors: { remove } })
  const call = (payload: object) => app.inject({ method: 'DELETE', url: '/v1/me/totp', headers: bearer, payload })
  const res = await call({ password: 'p' })
  t.same([res.statusCode, res.body], [204, ''])
  t.same(asked, [{ userId: signedIn.user.id, sessionId: signedIn.session.id, password: 'p' }])
  t.match((await call({})).json(), { status: 400, errors: [{ field: 'password', code: 'required' }] })
})

t.test('whether there is a factor is told to its user alone', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url })
  const res = await app.inject({ url: '/v1/me/totp', headers: bearer })
  t.same(res.json(), { enabled: true, recoveryCodesLeft: 9 })
  t.equal((await app.inject('/v1/me/totp')).statusCode, 401)
})
