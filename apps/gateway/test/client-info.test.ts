import { ok } from '@latchkey/contracts/errors'
import type { ClientInfo } from '@latchkey/contracts/ids'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from './gateway.ts'

const nats = await startNats(t)

async function startRecorder(
  t: { teardown(release: () => Promise<void> | void): void },
  environment: Record<string, string>
) {
  const clients: ClientInfo[] = []
  const { app } = await startGateway(t, {
    natsUrl: nats.url,
    environment,
    auth: {
      signIn: async ({ opening }) => {
        clients.push(opening.client)
        return ok(gateway.signedIn)
      }
    }
  })
  const gateway = await startGateway(t, { natsUrl: (await startNats(t)).url })
  return async (remoteAddress: string, headers: Record<string, string>) => {
    const payload = { identifier: 'ada', password: 'p' }
    await app.inject({ method: 'POST', url: '/v1/sessions', remoteAddress, headers, payload })
    return clients.at(-1)
  }
}

t.test('nobody is trusted by default: what a client says about its address counts for nothing', async (t) => {
  const record = await startRecorder(t, {})
  const headers = { 'x-forwarded-for': '198.51.100.9', 'x-real-ip': '198.51.100.9', forwarded: 'for=198.51.100.9' }
  t.equal((await record('203.0.113.7', headers))?.ipAddress, '203.0.113.7')
})

t.test('a trusted proxy is believed, and only what it added itself', async (t) => {
  const record = await startRecorder(t, { TRUSTED_PROXIES: '10.0.0.0/8, fd00::/8' })
  const through = async (proxy: string, forwarded: string) =>
    (await record(proxy, { 'x-forwarded-for': forwarded }))?.ipAddress
  t.equal(await through('10.1.2.3', '203.0.113.7'), '203.0.113.7')
  t.equal(await through('10.1.2.3', '1.2.3.4, 203.0.113.7'), '203.0.113.7')
  t.equal(await through('10.1.2.3', '203.0.113.7, 10.9.9.9'), '203.0.113.7')
  t.equal(await through('fd00::1', '2001:0DB8::0001'), '2001:db8::1')
  t.equal(await through('192.0.2.1', '203.0.113.7'), '192.0.2.1', 'not a proxy of ours')
  t.equal(await through('::ffff:10.1.2.3', '::ffff:203.0.113.7'), '203.0.113.7', 'mapped addresses are IPv4')
  for (const junk of ['notanip', 'x'.repeat(200), '1.2.3', '203.0.113.7:4711', '']) {
    t.equal(await through('10.1.2.3', junk), '10.1.2.3', junk.slice(0, 20))
  }
})

t.test('a user agent is kept as bounded printable text', async (t) => {
  const record = await startRecorder(t, {})
  const agent = async (text: string) => (await record('203.0.113.7', { 'user-agent': text }))?.userAgent
  t.equal(await agent('curl/8.5.0'), 'curl/8.5.0')
  t.equal((await agent('a'.repeat(10_000)))?.length, 512)
  t.equal(await agent('tab\there \u00e9 <b>'), 'tab?here ? <b>')
})
