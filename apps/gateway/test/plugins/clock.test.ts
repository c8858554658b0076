import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import { type Test, test } from 'tap'
import { startGateway } from '../gateway.ts'
import { createClaims, createToken } from '../tokens.ts'

const HOUR_SECONDS = 3600
const nowSeconds = () => Math.floor(Date.now() / 1000)

/** A gateway, and a session service whose clock a test sets. */
async function setUp(t: Test, environment: Readonly<Record<string, string>> = {}) {
  const { url: natsUrl } = await startNats(t)
  const store = { aheadMs: 0 }
  const session = { getTime: async () => ok({ nowMs: Date.now() + store.aheadMs }) }
  const { app, key, signedIn } = await startGateway(t, { natsUrl, session, environment })
  const ask = async (from: number, to: number) => {
    const times = { iat: nowSeconds() + from, nbf: nowSeconds() + from, exp: nowSeconds() + to }
    const claims = createClaims({ sub: signedIn.user.id, sid: signedIn.session.id, ...times })
    const authorization = `Bearer ${createToken(key, { claims })}`
    return await app.inject({ url: '/v1/sessions/current', headers: { authorization } })
  }
  const setAhead = async (seconds: number) => {
    store.aheadMs = seconds * 1000
    // The first may have been under way already.
    for (const _ of [1, 2]) await app.clock.look()
  }
  return { app, ask, setAhead }
}

for (const offsetSeconds of [HOUR_SECONDS, -HOUR_SECONDS]) {
  test(`tokens are judged by the clock they are made by, which is off by ${offsetSeconds} s from this one`, async (t) => {
    const { app, ask, setAhead } = await setUp(t)
    await app.clock.look()
    t.match((await app.inject('/readyz')).json(), { checks: { clock: 'ok' } })

    await setAhead(offsetSeconds)
    t.match((await app.inject('/readyz')).json(), { status: 'unavailable', checks: { clock: 'failing' } })
    t.equal((await ask(offsetSeconds - 10, offsetSeconds + 500)).statusCode, 200)
    t.match((await ask(offsetSeconds - 600, offsetSeconds - 10)).json(), { status: 401, code: 'token_expired' })
    t.match((await ask(offsetSeconds + 60, offsetSeconds + 600)).json(), { status: 401, code: 'token_invalid' })
  })
}

test('so are they while the clock of this machine is tolerably wrong, however much is tolerated', async (t) => {
  const { app, ask, setAhead } = await setUp(t, { CLOCK_TOLERANCE: '60' })
  await setAhead(20)
  t.match((await app.inject('/readyz')).json(), { checks: { clock: 'ok' } })
  t.equal((await ask(20, 520)).statusCode, 200, 'one that was made just now')
  t.match((await ask(-580, 19)).json(), { status: 401, code: 'token_expired' })
})
