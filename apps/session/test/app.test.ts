import { createPublicKey, verify } from 'node:crypto'
import { activityContract } from '@latchkey/contracts/activity'
import { fail } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { sessionContract } from '@latchkey/contracts/session'
import { createClient } from '@latchkey/messaging/client'
import { listen } from '@latchkey/messaging/listen'
import { serve } from '@latchkey/messaging/server'
import { ConfigError } from '@latchkey/runtime/config'
import { startNats, startRedis, startRedisCluster } from '@latchkey/testing/stores'
import { Redis } from 'ioredis'
import { test } from 'tap'
import { build, call, connectTo, getValue, opening, startApp } from './start-app.ts'
import { createUser } from './store/fixtures.ts'
import { until } from './until.ts'

const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }

test('the life of a session over the bus', async (t) => {
  const { sessions } = await startApp(t)
  const user = createUser()
  const first = getValue(await sessions.open(opening({}, user), call))
  const second = getValue(await sessions.open(opening({}, user), call))
  const reference = { userId: user.id, sessionId: first.session.id }

  await t.test('the second sign-in is told of the first', async (t) => {
    t.match(second.notices, { concurrent: [first.session], replaced: [], newDevice: true })
    t.match(second.session.device, { name: 'curl', ip: '192.0.2.7', id: null })
  })

  await t.test('a token is verified by a published key', async (t) => {
    const { keys } = getValue(await sessions.getKeys({}, call))
    const [header = '', payload = '', signature = ''] = first.tokens.accessToken.split('.')
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    const jwk = keys.find((key) => key.kid === kid)
    const key = { key: createPublicKey({ key: { ...jwk }, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const
    t.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
  })

  await t.test('both are listed, newest first, page by page', async (t) => {
    const page = getValue(await sessions.list({ userId: user.id, state: 'active', limit: 1, cursor: null }, call))
    t.match(page, { items: [second.session], nextCursor: String })
    const rest = { userId: user.id, state: 'active', limit: 1, cursor: page.nextCursor } as const
    t.match(getValue(await sessions.list(rest, call)), { items: [first.session], nextCursor: null })
    t.match(await sessions.list({ ...rest, cursor: 'no cursor' }, call), { code: 'invalid_request' })
  })

  await t.test('a list shows, where asked, what the first token of each session said', async (t) => {
    await sessions.refresh({ refreshToken: first.tokens.refreshToken ?? '' }, call)
    const question = { userId: user.id, state: 'all', limit: 10, cursor: null } as const
    const { items } = getValue(await sessions.list({ ...question, tokenPayload: true }, call))
    const payloads = [second, first].map(({ tokens }) => tokens.accessToken.split('.')[1])
    t.same(
      items.map(({ tokenPayload }) => tokenPayload),
      payloads
    )
    t.notOk(getValue(await sessions.list(question, call)).items.some((item) => 'tokenPayload' in item))
  })

  await t.test('a session is found by its id, and an id that is none is not', async (t) => {
    t.match(getValue(await sessions.find({ sessionId: first.session.id }, call)), { id: first.session.id })
    for (const sessionId of ['', '*', `${user.id.slice(-2)}${'A'.repeat(32)}`]) {
      t.match(await sessions.find({ sessionId }, call), { code: 'session_not_found' })
    }
  })

  await t.test('a session that was ended is refused with the reason, and stays ended as it was', async (t) => {
    t.match(await sessions.check({ ...reference, activity: true }, call), { ok: true, value: { user } })
    const ended = getValue(await sessions.end({ ...reference, reason: 'revoked_by_user' }, call))
    const refusal = { code: 'session_ended', details: { reason: 'revoked_by_user', endedAt: ended.endedAt } }
    t.match(await sessions.check({ ...reference, activity: true }, call), refusal)
    t.match(await sessions.refresh({ refreshToken: first.tokens.refreshToken ?? '' }, call), refusal)
    t.same(getValue(await sessions.end({ ...reference, reason: 'signed_out' }, call)), ended)
  })

  await t.test('an id that is no id, unknown or of another is not found', async (t) => {
    const unknown = `${user.id.slice(-2)}${'A'.repeat(32)}`
    for (const sessionId of ['', '*', '../x', unknown, `zz${'A'.repeat(32)}`]) {
      t.match(await sessions.end({ userId: user.id, sessionId, reason: 'signed_out' }, call), {
        code: 'session_not_found'
      })
      t.match(await sessions.check({ userId: user.id, sessionId, activity: true }, call), { code: 'token_invalid' })
    }
    const stranger = { ...reference, userId: createUser().id, reason: 'signed_out' } as const
    t.match(await sessions.end(stranger, call), { code: 'session_not_found' })
  })

  await t.test('all end but the one that is to go on', async (t) => {
    await sessions.open(opening({}, user), call)
    const request = {
      userId: user.id,
      exceptSessionId: second.session.id,
      reason: 'password_changed',
      epoch: 1
    } as const
    t.same(getValue(await sessions.endAll(request, call)), { ended: 1 })
    t.match(await sessions.open(opening({}, user), call), { code: 'invalid_credentials' })
  })
})

test('a session goes on in the place of one that is live, and of no other', async (t) => {
  const { sessions } = await startApp(t)
  const user = createUser()
  const before = getValue(await sessions.open(opening({}, user), call))
  const replace = (replaces: string) => sessions.open({ ...opening({}, user), replaces }, call)
  const after = getValue(await replace(before.session.id))
  t.match(after, { session: { state: 'active' }, notices: { replaced: [{ id: before.session.id }] } })
  t.match(await replace(before.session.id), { code: 'session_ended', details: { reason: 'replaced' } })
  for (const sessionId of ['', '*', `${user.id.slice(-2)}${'A'.repeat(32)}`]) {
    t.match(await replace(sessionId), { code: 'token_invalid' })
  }
})

test('refreshing', async (t) => {
  const { sessions, transport } = await startApp(t)
  const { tokens, session } = getValue(await sessions.open(opening(), call))
  const refreshToken = tokens.refreshToken ?? ''

  await t.test('50 parallel refreshes get one refresh token, with the activity service away', async (t) => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => sessions.refresh({ refreshToken }, call)))
    t.equal(new Set(answers.map((answer) => getValue(answer).tokens.refreshToken)).size, 1)
    t.ok(answers.every((answer) => getValue(answer).session.lastSeenAt === session.lastSeenAt))
  })

  await t.test('what is no token of ours is refused', async (t) => {
    for (const text of ['', 'x', tokens.accessToken.slice(0, 256), `${refreshToken.slice(0, -1)}_`]) {
      t.match(await sessions.refresh({ refreshToken: text }, call), { code: 'refresh_invalid' })
    }
  })

  await t.test('a blocked user is refused and may use the same token after', async (t) => {
    const details = { reason: 'inactivity', blockedUntil: null, retryAfterSeconds: null } as const
    const asked: string[] = []
    const { admit } = activityContract
    const handlers = {
      admit: async ({ purpose }: { purpose: string }) => {
        asked.push(purpose)
        return fail('user_blocked', details)
      }
    }
    const fresh = getValue(await sessions.open(opening(), call)).tokens.refreshToken ?? ''
    const subscription = serve({ admit }, handlers, { transport, queue: 'activity', log: silent })
    await transport.flush(1000)
    t.match(await sessions.refresh({ refreshToken: fresh }, call), { code: 'user_blocked', details })
    t.same(asked, ['background'])
    await subscription.drain()
    await transport.flush(1000)
    t.match(await sessions.refresh({ refreshToken: fresh }, call), { ok: true })
  })
})

test('no token outlives its session', async (t) => {
  const { sessions } = await startApp(t, { SESSION_TTL: '5', SESSION_IDLE_TTL: '4', ACCESS_TOKEN_TTL: '600' })
  const pair = getValue(await sessions.open(opening(), call))
  const absoluteMs = Date.parse(pair.session.expiresAt)
  t.equal(Date.parse(pair.tokens.accessTokenExpiresAt), Math.floor(absoluteMs / 1000) * 1000)
  t.equal(pair.tokens.refreshTokenExpiresAt, pair.session.idleExpiresAt)
  const single = getValue(await sessions.open(opening({ tokens: 'session' }), call))
  t.match(single.tokens, { refreshToken: null, refreshTokenExpiresAt: null })
  t.ok(Date.parse(single.tokens.accessTokenExpiresAt) <= Date.parse(single.session.expiresAt))
})

test('policy of the configuration, and of an opening that narrows it', async (t) => {
  const { sessions } = await startApp(t, { SESSION_POLICY: 'limit:1:deny' })
  const user = createUser()
  const { session } = getValue(await sessions.open(opening({}, user), call))
  const denied = await sessions.open(opening({}, user), call)
  t.match(denied, { code: 'session_limit', details: { sessions: [session] } })
  const { notices } = getValue(await sessions.open(opening({ policy: 'single' }, user), call))
  t.match(notices.replaced, [{ id: session.id, endReason: 'replaced' }])
})

test('nothing in a dump of Redis works as a refresh token', async (t) => {
  const { sessions, redis } = await startApp(t)
  const { tokens } = getValue(await sessions.open(opening(), call))
  await sessions.refresh({ refreshToken: tokens.refreshToken ?? '' }, call)
  const client = new Redis(redis.url)
  t.teardown(() => client.disconnect())
  const texts: string[] = []
  for (const key of await client.keys('*')) {
    const type = await client.type(key)
    // What a shard knows of its server.
    if (type === 'string') continue
    const isHash = type === 'hash'
    const parts = isHash ? Object.entries(await client.hgetallBuffer(key)).flat() : await client.xrange(key, '-', '+')
    for (const part of parts.flat(2).map((value) => Buffer.from(value))) {
      texts.push(part.toString(), part.toString('base64url'), part.subarray(-32).toString('base64url'))
    }
  }
  t.ok(texts.length > 20)
  for (const refreshToken of texts.filter(({ length }) => length <= 256)) {
    t.match(await sessions.refresh({ refreshToken }, call), { code: 'refresh_invalid' })
  }
  t.notOk(texts.some((text) => text.includes(tokens.refreshToken ?? '') || text.includes(tokens.accessToken)))
})

test('each change is an event of the platform', async (t) => {
  const { sessions, transport } = await startApp(t)
  const { session } = getValue(await sessions.open(opening(), call))
  await sessions.end({ userId: session.userId, sessionId: session.id, reason: 'signed_out' }, call)
  const received: PlatformEvent[] = []
  const both = Promise.withResolvers<void>()
  const take = async (event: PlatformEvent): Promise<void> => {
    received.push(event)
    if (received.length === 2) both.resolve()
  }
  const subscription = listen({ sessionOpened: take, sessionEnded: take }, { transport, durable: 'test', log: silent })
  await both.promise
  await subscription.drain()
  t.same(
    received.map(({ id }) => id),
    [`${session.id}:opened`, `${session.id}:ended`]
  )
})

test('a service whose Redis is not there starts, says so, and serves when it comes', async (t) => {
  t.testdir()
  const [redis, nats] = await Promise.all([startRedis(t), startNats(t)])
  await redis.kill()
  const app = await build(t, await connectTo(t, nats), { REDIS_URL: redis.url })
  await app.ready()
  t.match((await app.inject('/readyz')).json(), { status: 'unavailable', checks: { redis: 'failing', nats: 'ok' } })
  t.equal((await app.inject('/healthz')).statusCode, 200)
  await redis.restart()
  await until(async () => (await app.inject('/readyz')).statusCode === 200)
  t.match((await app.inject('/metrics')).body, /service="session"/)
})

test('a Redis that is gone makes every answer unavailable, and not for longer', async (t) => {
  const { sessions, redis } = await startApp(t)
  const request = opening()
  const { session } = getValue(await sessions.open(request, call))
  const check = { userId: session.userId, sessionId: session.id, activity: true }
  await redis.kill()
  t.match(await sessions.open(request, call), { code: 'unavailable' })
  t.match(await sessions.check(check, call), { code: 'unavailable' })
  await redis.restart()
  await until(async () => (await sessions.check(check, call)).ok)
  t.match(await sessions.open(request, call), { ok: true })
})

test('over a Redis Cluster the service is ready and opens sessions', async (t) => {
  t.testdir()
  const [{ nodes }, nats] = await Promise.all([startRedisCluster(t), startNats(t)])
  const transport = await connectTo(t, nats)
  const url = nodes.map(({ host, port }) => `redis://${host}:${port}`).join(',')
  const app = await build(t, transport, { REDIS_URL: url })
  await app.ready()
  await until(async () => (await app.inject('/readyz')).statusCode === 200)
  const sessions = createClient(sessionContract, transport, silent)
  const answers = await Promise.all(Array.from({ length: 20 }, () => sessions.open(opening(), call)))
  t.ok(answers.every(({ ok }) => ok))
})

test('production does not start without a signing key', async (t) => {
  t.testdir()
  const transport = await connectTo(t, await startNats(t))
  const environment = { NODE_ENV: 'production', REDIS_URL: 'redis://127.0.0.1:1' }
  await t.rejects(build(t, transport, environment), ConfigError)
})
