import { startNats } from '@latchkey/testing/stores'
import { createCertificates, natsTlsArguments } from '@latchkey/testing/tls-stores'
import { t as root, type Test, test } from 'tap'
import type { NatsTls } from '../src/nats-connection.ts'
import { openNatsTransport } from '../src/nats-transport.ts'

const { authority, files } = await createCertificates(root)
const guarded = await startNats(root, { args: natsTlsArguments(files) })
const plain = await startNats(root)
const client = authority.issue('client')
const good = { ca: authority.ca, ...client }

/** Resolves with what the connection comes to: whether it stands, or why it does not. */
function connect(t: Test, url: string, tls?: NatsTls): Promise<string> {
  return new Promise((resolve) => {
    const warn = (fields: object) => resolve('err' in fields ? String(fields.err) : 'failed')
    const transport = openNatsTransport({ url, tls, name: 'test', log: { info: () => {}, warn } })
    transport.onState((state) => resolve(state))
    t.teardown(() => transport.close())
  })
}

test('it connects by TLS, with its certificate, to an address and to a name', async (t) => {
  t.equal(await connect(t, guarded.url, good), 'connected')
  t.equal(await connect(t, `nats://localhost:${guarded.port}`, good), 'connected')
  t.equal(await connect(t, guarded.url, { ...good, servername: 'localhost' }), 'connected')
})

test('it refuses a server of another authority, or of another name', async (t) => {
  const { ca: _, ...untrusting } = good
  t.match(await connect(t, guarded.url, { ...good, ca: (await createCertificates(t)).authority.ca }), /certificate/)
  t.match(await connect(t, guarded.url, untrusting), /certificate/)
  t.match(await connect(t, guarded.url, { ...good, servername: 'elsewhere' }), /does not match/)
})

test('it is refused without a certificate, and without TLS', async (t) => {
  t.not(await connect(t, guarded.url, { ca: authority.ca }), 'connected')
  t.match(await connect(t, guarded.url), /certificate/)
})

test('it speaks to no server that knows no TLS', async (t) => {
  t.equal(await connect(t, plain.url), 'connected')
  t.match(await connect(t, plain.url, good), /tls/i)
  t.match(await connect(t, plain.url.replace('nats:', 'tls:')), /tls/i)
})
