import { activityMessages } from '@latchkey/contracts/activity'
import type { SignedIn } from '@latchkey/contracts/auth'
import { fail, ok } from '@latchkey/contracts/errors'
import type { RecordedEntry } from '@latchkey/contracts/timeline'
import { createBroadcaster } from '@latchkey/messaging/broadcast'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { createLogger } from '@latchkey/runtime/logger'
import { openEventStream } from '@latchkey/testing/event-stream'
import { startNats, type TestScope } from '@latchkey/testing/stores'
import t from 'tap'
import { startAuthority, untilVerdicts } from '../authority.ts'
import { type GatewayOptions, startGateway } from '../gateway.ts'
import { LASTING } from '../stand-ins.ts'
import { createClaims, createToken } from '../tokens.ts'

const nats = await startNats(t)
const log = createLogger({ service: 'test', level: 'silent' })
const transport = openNatsTransport({ url: nats.url, name: 'test', log })
t.teardown(() => transport.close())
const ring = createBroadcaster(activityMessages.recorded, transport)

/** A gateway that listens, over a record that a test writes into. */
async function listen(t: TestScope, options: Partial<GatewayOptions> = {}) {
  const record: RecordedEntry[] = []
  const asked: (string | null)[] = []
  const gateway = await startGateway(t, {
    natsUrl: nats.url,
    activity: {
      listRecorded: async ({ after }) => {
        asked.push(after)
        const items = after === null ? [] : record.filter(({ position }) => position > after)
        const position = items.at(-1)?.position ?? after ?? record.at(-1)?.position ?? '1-0'
        return ok({ items, position, hasMore: false, hasGap: after === '0-1' })
      }
    },
    ...options
  })
  const { app, signedIn, bearer } = gateway
  const base = await app.listen({ host: '127.0.0.1', port: 0 })
  const open = (headers: Readonly<Record<string, string>> = bearer) =>
    openEventStream(t, `${base}/v1/me/events`, headers)
  const happen = (number: number, sessionId: string | null = null) => {
    const facts = { occurredAt: '2026-11-21T09:30:00.000Z', device: null, reason: null, fields: [] }
    record.push({ position: `${number}-0`, entry: { id: `entry-${number}`, kind: 'signed_in', sessionId, ...facts } })
    ring({ userId: signedIn.user.id })
  }
  return { ...gateway, base, open, happen, asked }
}

t.test('a stream begins with where it is, and tells what happens from then on', async (t) => {
  const { open, happen, signedIn } = await listen(t)
  const stream = await open()
  t.equal(stream.status, 200)
  t.equal(stream.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  t.equal(stream.headers.get('cache-control'), 'no-store')
  t.ok(stream.headers.get('x-request-id'))
  t.same(await stream.next(), { id: '1-0', name: 'stream.ready', data: { complete: true } })
  happen(2, signedIn.session.id)
  happen(3)
  t.match(await stream.next(), { id: '3-0', name: 'session.opened', data: { id: 'entry-3', current: false } })
})

t.test('who comes back is told first what has happened meanwhile, each thing once', async (t) => {
  const { open, happen, bearer, asked } = await listen(t)
  for (const number of [2, 3, 4]) happen(number)
  const stream = await open({ ...bearer, 'last-event-id': '2-0' })
  t.match(await stream.next(), { id: '3-0', data: { id: 'entry-3' } })
  t.match(await stream.next(), { id: '4-0', data: { id: 'entry-4' } })
  t.match(await stream.next(), { id: '4-0', name: 'stream.ready', data: { complete: true } })
  happen(5)
  t.match(await stream.next(), { id: '5-0', data: { id: 'entry-5' } })
  t.equal(asked[0], '2-0')
})

t.test('who comes back from too far, or with an id of another kind, learns that it is not all', async (t) => {
  const { open, bearer } = await listen(t)
  for (const given of ['0-1', 'entry-2', '1-0 ', '9'.repeat(40)]) {
    const stream = await open({ ...bearer, 'last-event-id': given })
    t.match(await stream.next('stream.ready'), { data: { complete: given === '1-0 ' } }, given)
  }
})

t.test('neither opening a stream nor keeping it open is activity', async (t) => {
  const activities: boolean[] = []
  const { open } = await listen(t, {
    session: {
      check: async ({ activity }) => {
        activities.push(activity)
        return fail('token_invalid')
      }
    }
  })
  t.equal((await open()).status, 401)
  t.same(activities, [false])
})

t.test('a stream ends with its session, as soon as that is announced', async (t) => {
  let signedIn: SignedIn | undefined
  let isOver = false
  const authority = await startAuthority(t, nats.url)
  const ended = fail('session_ended', { reason: 'revoked_by_user', endedAt: '2026-11-21T09:30:00.000Z' })
  const gateway = await listen(t, {
    session: { check: async () => (isOver || signedIn === undefined ? ended : ok({ ...signedIn, ...LASTING })) }
  })
  signedIn = gateway.signedIn
  await untilVerdicts(gateway.app, 'cached')
  const stream = await gateway.open()
  await stream.next('stream.ready')
  isOver = true
  const { id } = signedIn.session
  t.match(await authority.announce([{ kind: 'session', id }], { timeoutMs: 3000 }), { ok: true })
  t.match((await stream.ended).slice(-2), [
    { name: 'session.ended', data: { sessionId: id, current: true, reason: 'revoked_by_user' } },
    { name: 'stream.ended', data: { code: 'session_ended' } }
  ])
})

t.test('a stream ends with its access token', async (t) => {
  const { open, signedIn, key } = await listen(t)
  const exp = Math.floor(Date.now() / 1000) + 2
  const claims = createClaims({ sub: signedIn.user.id, sid: signedIn.session.id, exp })
  const stream = await open({ authorization: `Bearer ${createToken(key, { claims })}` })
  t.match((await stream.ended).at(-1), { name: 'stream.ended', data: { code: 'token_expired' } })
  t.ok(Date.now() >= exp * 1000)
})

t.test('whoever may not ask is refused with the reason', async (t) => {
  const { app } = await listen(t)
  const refused = await app.inject('/v1/me/events')
  t.match(refused.json(), { status: 401, code: 'unauthenticated' })
  const invalid = await app.inject({ url: '/v1/me/events', headers: { authorization: 'Bearer a.b.c' } })
  t.match(invalid.json(), { status: 401, code: 'token_invalid' })
  t.equal((await app.inject({ method: 'HEAD', url: '/v1/me/events' })).statusCode, 405)
})

t.test('without the record there is no stream', async (t) => {
  const { app, bearer } = await listen(t, { activity: { listRecorded: async () => fail('unavailable') } })
  const unavailable = await app.inject({ url: '/v1/me/events', headers: bearer })
  t.match(unavailable.json(), { status: 503, code: 'unavailable' })
  t.equal(unavailable.headers['retry-after'], '1')
})

t.test(
  'a client that goes away leaves nothing behind, and one that stays does not keep the gateway open',
  async (t) => {
    const { app, open } = await listen(t)
    const left = await open()
    await left.next('stream.ready')
    left.leave()
    const stays = await open()
    await stays.next('stream.ready')
    await app.close()
    t.match((await stays.ended).at(-1), { name: 'stream.ended', data: { code: 'unavailable' } })
  }
)
