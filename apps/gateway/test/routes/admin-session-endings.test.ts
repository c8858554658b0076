import { fail, failField, ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import type { SessionAdminHandlers } from '../stand-ins.ts'

const nats = await startNats(t)
const url = '/v1/admin/sessions/end'

type Asked = Parameters<SessionAdminHandlers['end']>[0] & { readonly remainingMs: number }

async function startWitness(t: Parameters<typeof startGateway>[0]) {
  const asked: Asked[] = []
  const gateway = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    sessionAdmin: {
      end: async (request, context) => {
        asked.push({ ...request, remainingMs: context.remainingMs() })
        return ok({ matched: 3, ended: 3, sample: [gateway.signedIn.session] })
      }
    }
  })
  return { ...gateway, asked }
}

t.test('an admin ends what meets all criteria, and is told of some of it', async (t) => {
  const { app, bearer, signedIn, asked } = await startWitness(t)
  const criteria = {
    userId: signedIn.user.id,
    role: 'admin',
    openedBefore: '2026-11-21T09:30:00.000Z',
    lastSeenBefore: '2026-11-21T09:30:00.000Z',
    ip: '10.0.0.0/8',
    userAgent: 'curl'
  }
  const res = await app.inject({ method: 'POST', url, headers: bearer, payload: { ...criteria, dryRun: true } })
  t.equal(res.statusCode, 200)
  const { userId: _, ...session } = signedIn.session
  t.same(res.json(), { matched: 3, ended: 3, sample: [{ ...session, current: true }] })
  t.match(asked, [{ actorId: signedIn.user.id, criteria, dryRun: true }])
})

t.test('it may take longer than other calls', async (t) => {
  const { app, bearer, asked } = await startWitness(t)
  await app.inject({ method: 'POST', url, headers: bearer, payload: { everyone: true } })
  t.match(asked, [{ criteria: { everyone: true }, dryRun: false }])
  t.ok((asked[0]?.remainingMs ?? 0) > 60_000)
})

t.test('what names no sessions, or is not understood, is refused before anybody is asked', async (t) => {
  const { app, bearer, asked } = await startWitness(t)
  for (const payload of [
    {},
    { everyone: false },
    { userId: 'me' },
    { role: 'owner' },
    { openedBefore: 'yesterday' },
    { ip: '1'.repeat(50) },
    { userAgent: '' },
    { email: 'ada@example.com' },
    { everyone: true, dryRun: 'yes' }
  ]) {
    const res = await app.inject({ method: 'POST', url, headers: bearer, payload })
    t.equal(res.statusCode, 400, JSON.stringify(payload))
    t.match(res.json(), { code: 'invalid_request' })
  }
  t.same(asked, [])
})

t.test('what the service refuses names the field', async (t) => {
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    sessionAdmin: { end: async () => failField('ip', 'invalid', 'is no address') }
  })
  const res = await app.inject({ method: 'POST', url, headers: bearer, payload: { ip: 'home' } })
  t.equal(res.statusCode, 400)
  t.match(res.json(), { errors: [{ field: 'ip' }] })
})

t.test('nobody but an admin may', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url })
  const payload = { everyone: true }
  const refused = await app.inject({ method: 'POST', url, headers: bearer, payload })
  t.equal(refused.statusCode, 403)
  t.match(refused.json(), { code: 'forbidden' })
  t.equal((await app.inject({ method: 'POST', url, payload })).statusCode, 401)
})

t.test('a time that was too short is 503', async (t) => {
  const sessionAdmin = { end: async () => fail('unavailable') }
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url, role: 'admin', sessionAdmin })
  const res = await app.inject({ method: 'POST', url, headers: bearer, payload: { everyone: true } })
  t.equal(res.statusCode, 503)
  t.equal(res.headers['retry-after'], '1')
})
