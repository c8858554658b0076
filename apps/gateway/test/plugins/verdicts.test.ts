import { fail, ok } from '@latchkey/contracts/errors'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { createLogger } from '@latchkey/runtime/logger'
import { startNats, type TestScope } from '@latchkey/testing/stores'
import { listenTouches } from '@latchkey/verdicts/touches'
import t from 'tap'
import { startAuthority, untilVerdicts } from '../authority.ts'
import { type GatewayOptions, startGateway } from '../gateway.ts'
import { ADMITTED, createProfile, createSession, LASTING } from '../stand-ins.ts'

const nats = await startNats(t)
const authority = await startAuthority(t, nats.url)
const ENDED = { reason: 'revoked_by_user', endedAt: '2026-11-21T09:30:00.000Z' } as const
const BACKGROUND = { 'latchkey-background': '1' }

interface Answers {
  readonly check?: object
  readonly admit?: object
}

/** A gateway with a lease, and what it has asked. Any user and session of a good token are live until `ends`. */
async function startCounted(t: TestScope, { check = {}, admit = {} }: Answers = {}, options?: Partial<GatewayOptions>) {
  const asked = { activity: [] as boolean[], purposes: [] as string[], ended: false }
  const gateway = await startGateway(t, {
    natsUrl: nats.url,
    session: {
      check: async ({ sessionId: id, userId, activity }) => {
        asked.activity.push(activity)
        if (asked.ended) return fail('session_ended', ENDED)
        return ok({ user: createProfile({ id: userId }), session: createSession(userId, { id }), ...LASTING, ...check })
      }
    },
    activity: {
      admit: async ({ purpose }) => {
        asked.purposes.push(purpose)
        return ok({ ...ADMITTED, ...admit })
      }
    },
    ...options
  })
  await untilVerdicts(gateway.app, 'cached')
  const ask = (headers: Record<string, string> = {}, url = '/v1/sessions/current') =>
    gateway.app.inject({ url, headers: { ...gateway.bearer, ...headers } })
  return { ...gateway, asked, ask }
}

t.test('what is known is answered without asking anybody', async (t) => {
  const { ask, asked, signedIn } = await startCounted(t)
  const first = await ask()
  for (const url of ['/v1/sessions/current', '/v1/me', '/v1/sessions']) t.equal((await ask({}, url)).statusCode, 200)
  t.same([asked.activity, asked.purposes], [[true], ['request']])
  const { user, session } = (await ask()).json()
  t.match(user, { id: signedIn.user.id, email: first.json().user.email })
  t.match(session, { id: signedIn.session.id, current: true })
})

t.test('a use that asks nobody is told in the answer, and to the services', async (t) => {
  const log = createLogger({ service: 'listener', level: 'silent' })
  const transport = openNatsTransport({ url: nats.url, name: 'listener', log })
  t.teardown(() => transport.close())
  const touched = Promise.withResolvers<string[]>()
  const session = createSession(createProfile().id, { lastSeenAt: '2020-01-01T00:00:00.000Z' })
  const { ask, signedIn } = await startCounted(t, { check: { session }, admit: { lastActiveAt: null } })
  listenTouches(async (touches) => touched.resolve(touches.map(({ sessionId }) => sessionId)), {
    transport,
    queue: 'listener',
    log
  })
  await transport.flush(1000)
  t.equal((await ask()).json().session.lastSeenAt, session.lastSeenAt)

  const before = new Date().toISOString()
  const used = (await ask()).json()
  t.ok(used.session.lastSeenAt >= before)
  t.ok(used.user.lastActiveAt >= before)
  t.ok(used.session.idleExpiresAt > used.session.lastSeenAt)
  t.same(await touched.promise, [signedIn.session.id])
})

t.test('once an end is announced the session is refused, and so is every later request without asking', async (t) => {
  const { ask, asked, signedIn } = await startCounted(t)
  t.equal((await ask()).statusCode, 200)
  asked.ended = true
  t.equal((await ask()).statusCode, 200)
  t.ok((await authority.announce([{ kind: 'session', id: signedIn.session.id }], { timeoutMs: 5000 })).ok)
  for (const _ of [1, 2, 3]) {
    const refused = await ask()
    t.equal(refused.statusCode, 401)
    t.match(refused.json(), { code: 'session_ended', ...ENDED })
  }
  t.equal(asked.activity.length, 2)
})

t.test('whatever is announced about the user is looked up anew', async (t) => {
  const { ask, asked, signedIn } = await startCounted(t)
  await ask()
  await authority.announce([{ kind: 'user', id: signedIn.user.id }], { timeoutMs: 5000 })
  t.equal((await ask()).statusCode, 200)
  t.equal(asked.activity.length, 2)
})

for (const [end, answers] of [
  ['of the session', { check: { endsInMs: 0 } }],
  ['of an idle session', { check: { idleEndsInMs: 0, idleTtlMs: 0 } }],
  ['of an inactive user', { admit: { activeForMs: 0, windowMs: 0 } }]
] as const) {
  t.test(`past the end ${end} it asks again`, async (t) => {
    const { ask, asked } = await startCounted(t, answers)
    for (const _ of [1, 2]) t.equal((await ask()).statusCode, 200)
    t.equal(asked.activity.length, 2)
  })
}

t.test('an admission that nobody could be asked for is not kept for long', async (t) => {
  const admitted = Promise.withResolvers<void>()
  const { ask } = await startCounted(
    t,
    {},
    {
      activity: {
        admit: async () => {
          if (served) admitted.resolve()
          return served ? ok(ADMITTED) : fail('unavailable')
        }
      }
    }
  )
  let served = false
  t.equal((await ask()).statusCode, 200)
  served = true
  const asking = setInterval(() => void ask(), 100)
  t.teardown(() => clearInterval(asking))
  await admitted.promise
  t.pass('asked while the session was in use all the time')
})

t.test('a request in the background is no activity, whoever answers it', async (t) => {
  const { ask, asked } = await startCounted(t, { admit: { lastActiveAt: '2020-01-01T00:00:00.000Z' } })
  for (const _ of [1, 2]) {
    t.equal((await ask(BACKGROUND)).json().user.lastActiveAt, '2020-01-01T00:00:00.000Z')
  }
  t.same([asked.activity, asked.purposes], [[false], ['background']])
})

t.test('what changes something never rests on what is known', async (t) => {
  const { app, ask, asked, bearer } = await startCounted(t)
  await ask()
  const passwords = { currentPassword: 'correct horse battery', newPassword: 'staple of the trade' }
  const calls = [
    { method: 'PATCH', url: '/v1/me', payload: { firstName: 'Ada' } },
    { method: 'PUT', url: '/v1/me/password', payload: passwords },
    { method: 'DELETE', url: '/v1/sessions?except=current' },
    { method: 'DELETE', url: '/v1/sessions/current' }
  ] as const
  for (const [index, call] of calls.entries()) {
    t.ok((await app.inject({ ...call, headers: bearer })).statusCode < 300, call.url)
    t.equal(asked.activity.length, index + 2, call.url)
  }
})

t.test(
  'ending one session rests on what is known, and is refused like all else once its own end is announced',
  async (t) => {
    const { app, ask, asked, bearer, signedIn } = await startCounted(t)
    await ask()
    const end = () => app.inject({ method: 'DELETE', url: `/v1/sessions/${signedIn.session.id}`, headers: bearer })
    t.equal((await end()).statusCode, 204)
    t.equal(asked.activity.length, 1)
    asked.ended = true
    await authority.announce([{ kind: 'session', id: signedIn.session.id }], { timeoutMs: 2000 })
    t.equal((await end()).statusCode, 401)
  }
)

t.test('signing out goes on working when it is known that the session has ended', async (t) => {
  const { app, ask, asked, bearer } = await startCounted(t)
  asked.ended = true
  for (const _ of [1, 2]) t.equal((await ask()).statusCode, 401)
  const signOut = await app.inject({ method: 'DELETE', url: '/v1/sessions/current', headers: bearer })
  t.equal(signOut.statusCode, 204)
})

t.test('without a lease each request asks, and is refused for now where nobody answers', async (t) => {
  const own = await startNats(t)
  const held = Promise.withResolvers<void>()
  let asked = 0
  let answers = true
  const { app, bearer } = await startGateway(t, {
    natsUrl: own.url,
    session: {
      check: async ({ sessionId: id, userId }) => {
        asked += 1
        if (!answers) await held.promise
        return ok({ user: createProfile({ id: userId }), session: createSession(userId, { id }), ...LASTING })
      }
    }
  })
  t.teardown(() => held.resolve())
  const ask = () => app.inject({ url: '/v1/me', headers: bearer })
  for (const _ of [1, 2, 3]) t.equal((await ask()).statusCode, 200)
  t.equal(asked, 3)
  t.equal((await app.inject('/readyz')).statusCode, 200)

  answers = false
  const silent = await ask()
  t.match([silent.statusCode, silent.headers['retry-after']], [503, '1'])
  await own.kill()
  const away = await ask()
  t.match([away.statusCode, away.headers['retry-after'], away.json().code], [503, '1', 'unavailable'])
})

t.test('metrics and readiness show whether it answers from memory; when it closes it takes leave', async (t) => {
  const { app, ask } = await startCounted(t)
  for (const _ of [1, 2, 3]) await ask()
  const { body } = await app.inject('/metrics')
  t.match(body, /^latchkey_verdict_lease\{[^}]*\} 1$/m)
  t.match(body, /^latchkey_verdict_judgements_total\{[^}]*outcome="hits"[^}]*\} 2$/m)
  await app.close()
  t.equal(app.verdicts.state.live, false)
  const startedAt = performance.now()
  t.ok((await authority.announce([{ kind: 'everyone' }], { timeoutMs: 5000 })).ok)
  t.ok(performance.now() - startedAt < 5000)
})
