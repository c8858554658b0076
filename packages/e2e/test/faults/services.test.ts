import { test } from 'tap'
import { type Answer, createApi } from '../../src/http.ts'
import { eventually, newEmail, register, signIn } from '../../src/people.ts'
import { startProcesses, startService } from '../../src/processes.ts'

const refusedForNow = ({ status }: Answer) => status === 503

/** The first answer that is no yes: what was known is good for as long as nobody can have changed it, and no longer. */
function refusal(ask: () => Promise<Answer>): Promise<Answer> {
  return eventually(ask, ({ status }) => status !== 200)
}

test('killing any one service stops only what needs it, and it works again when it is back', async (t) => {
  const { api, services, restart } = await startProcesses(t)
  const email = newEmail()
  const { accessToken: token, refreshToken } = (await register(api, email)).body
  const whoAmI = () => api('GET', '/v1/sessions/current', { token })
  const signInAgain = () => signIn(api, email)

  await t.test('auth', async (t) => {
    await services.auth.kill()
    t.ok(refusedForNow(await signInAgain()))
    t.equal((await whoAmI()).status, 200, 'live sessions go on')
    t.equal((await api('POST', '/v1/sessions/refresh', { body: { refreshToken } })).status, 200)
    await restart('auth')
    t.equal((await eventually(signInAgain, ({ status }) => status === 201)).status, 201)
  })

  await t.test('activity', async (t) => {
    await services.activity.kill()
    t.equal((await whoAmI()).status, 200, 'nobody is blocked for want of an answer')
    t.equal((await signInAgain()).status, 201)
    t.ok(refusedForNow(await api('GET', '/v1/me/activity', { token })))
    await restart('activity')
    const timeline = () => api('GET', '/v1/me/activity', { token })
    t.equal((await eventually(timeline, ({ status }) => status === 200)).status, 200)
  })

  await t.test('session', async (t) => {
    await services.session.kill()
    const refused = await refusal(whoAmI)
    t.ok(refusedForNow(refused), 'once the lease is over: never yes from ignorance, never 401')
    t.ok(Number(refused.headers.get('retry-after')) >= 1)
    t.ok(refusedForNow(await signInAgain()))
    await restart('session')
    t.equal((await eventually(whoAmI, ({ status }) => status === 200)).status, 200)
  })

  await t.test('gateway', async (t) => {
    await services.gateway.kill()
    await t.rejects(whoAmI())
    await restart('gateway')
    t.equal((await eventually(whoAmI, ({ status }) => status === 200)).status, 200)
  })
})

test('who was active while nobody heard of it is not blocked for silence afterwards', async (t) => {
  const { api, services, restart, environment } = await startProcesses(t, { USER_ACTIVITY_EXPIRATION: '3' })
  const { accessToken: token } = (await register(api)).body
  const whoAmI = () => api('GET', '/v1/sessions/current', { token })
  const { activeUntil } = (await api('GET', '/v1/me/activity', { token })).body.status
  // One that has kept nothing asks first thing, before anybody can tell of a use.
  const other = createApi((await startService(t, 'gateway', environment)).url)
  await services.activity.kill()
  const last = await eventually(whoAmI, ({ status }) => status !== 200 || Date.now() > Date.parse(activeUntil) + 500)
  t.equal(last.status, 200)
  await restart('activity')
  const first = await eventually(
    () => other('GET', '/v1/sessions/current', { token }),
    ({ status }) => status !== 503
  )
  t.equal(first.status, 200)
})

test('a frozen session service is answered for with 503, and serves again when it wakes', async (t) => {
  const { api, services } = await startProcesses(t)
  const { accessToken: token } = (await register(api)).body
  services.session.pause()
  const refused = await refusal(() => api('GET', '/v1/sessions/current', { token }))
  services.session.resume()
  t.ok(refusedForNow(refused))
  const back = await eventually(
    () => api('GET', '/v1/sessions/current', { token }),
    ({ status }) => status === 200
  )
  t.equal(back.status, 200)
})

test('every store may go and come back without a restart of any service', async (t) => {
  // Where the disk is slow, the usual setting may write only after two seconds what was answered.
  const { api, redis, nats } = await startProcesses(t, {}, { redis: ['--appendfsync', 'always'] })
  const { accessToken: token } = (await register(api)).body
  const whoAmI = () => api('GET', '/v1/sessions/current', { token })
  for (const store of [redis, nats]) {
    await store.kill()
    t.ok(refusedForNow(await refusal(whoAmI)))
    await store.restart()
    t.equal((await eventually(whoAmI, ({ status }) => status === 200)).status, 200)
  }
})

test('a service asked to end does so with exit code 0', async (t) => {
  const { services } = await startProcesses(t)
  for (const service of Object.values(services)) t.equal(await service.stop(), 0)
})
