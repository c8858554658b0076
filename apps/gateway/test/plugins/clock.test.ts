import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import { test } from 'tap'
import { startGateway } from '../gateway.ts'
import { createClaims, createToken } from '../tokens.ts'

const HOUR_SECONDS = 3600
const nowSeconds = () => Math.floor(Date.now() / 1000)

for (const offsetSeconds of [HOUR_SECONDS, -HOUR_SECONDS]) {
  test(`tokens are judged by the clock they are made by, which is off by ${offsetSeconds} s from this one`, async (t) => {
    const { url: natsUrl } = await startNats(t)
    let aheadMs = 0
    const session = { getTime: async () => ok({ nowMs: Date.now() + aheadMs }) }
    const { app, key, signedIn } = await startGateway(t, { natsUrl, session })
    const ask = async (from: number, to: number) => {
      const times = { iat: nowSeconds() + from, nbf: nowSeconds() + from, exp: nowSeconds() + to }
      const claims = createClaims({ sub: signedIn.user.id, sid: signedIn.session.id, ...times })
      const authorization = `Bearer ${createToken(key, { claims })}`
      return await app.inject({ url: '/v1/sessions/current', headers: { authorization } })
    }
    await app.clock.look()
    t.match((await app.inject('/readyz')).json(), { checks: { clock: 'ok' } })

    aheadMs = offsetSeconds * 1000
    // The first may have been under way already.
    for (const _ of [1, 2]) await app.clock.look()
    t.match((await app.inject('/readyz')).json(), { status: 'unavailable', checks: { clock: 'failing' } })
    t.equal((await ask(offsetSeconds - 10, offsetSeconds + 500)).statusCode, 200)
    t.match((await ask(offsetSeconds - 600, offsetSeconds - 10)).json(), { status: 401, code: 'token_expired' })
    t.match((await ask(offsetSeconds + 60, offsetSeconds + 600)).json(), { status: 401, code: 'token_invalid' })
  })
}
