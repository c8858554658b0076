import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway, type TestGateway } from '../gateway.ts'
import { ADMITTED } from '../stand-ins.ts'

const nats = await startNats(t)
/** Of the process, then the number of the request. */
const OWN_ID = /^[0-9a-f]{8}-[0-9a-f-]{27}-[0-9a-z]+$/

interface Seen {
  readonly requestId: string
  readonly traceparent: string | undefined
}

async function startWitness(t: { teardown(release: () => Promise<void> | void): void }) {
  const seen: Seen[] = []
  const gateway: TestGateway = await startGateway(t, {
    natsUrl: nats.url,
    activity: {
      admit: async (_request, { requestId, traceparent }) => {
        seen.push({ requestId, traceparent })
        return ok(ADMITTED)
      }
    }
  })
  return { ...gateway, seen }
}

t.test('a sane request id is taken, goes to the services and comes back', async (t) => {
  const { app, bearer, seen } = await startWitness(t)
  const headers = { ...bearer, 'x-request-id': 'client-made.1234_5' }
  const res = await app.inject({ url: '/v1/me', headers })
  t.equal(res.headers['x-request-id'], 'client-made.1234_5')
  t.equal(seen[0]?.requestId, 'client-made.1234_5')
})

t.test('any other request id is replaced', async (t) => {
  const { app } = await startWitness(t)
  for (const id of ['short', 'a'.repeat(200), 'with space in it', 'line\u0085break', '{"json":"1234"}', 'ümlaut-id']) {
    const res = await app.inject({ url: '/nowhere', headers: { 'x-request-id': id } })
    t.match(res.headers['x-request-id'], OWN_ID, id)
  }
})

t.test('a trace goes on, and one that is none begins anew', async (t) => {
  const { app, bearer, seen } = await startWitness(t)
  const good = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const bad = ['', 'x', good.slice(1), `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `ff${good.slice(2)}`]
  for (const traceparent of [good, ...bad]) await app.inject({ url: '/v1/me', headers: { ...bearer, traceparent } })
  const [first, ...others] = seen.map(({ traceparent }) => traceparent)
  t.equal(first, good)
  for (const other of others) t.match(other, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
})
