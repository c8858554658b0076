import { startRedis } from '@latchkey/testing/stores'
import { createCertificates, redisTlsArguments } from '@latchkey/testing/tls-stores'
import { t as root, type Test, test } from 'tap'
import type { RedisTls } from '../src/client.ts'
import { open } from './scenario.ts'

const { authority, files } = await createCertificates(root)
const { port, args } = await redisTlsArguments(files)
const server = await startRedis(root, { args })
const good = { ca: authority.ca, ...authority.issue('client') }

/** Resolves with what the connection comes to: whether it stands, or why it does not. */
function connect(t: Test, url: string, tls?: RedisTls): Promise<string> {
  return new Promise((resolve) => {
    const warn = (fields: object) => resolve('err' in fields ? String(fields.err) : 'failed')
    open(t, url, { tls, log: { warn } }).once('ready', () => resolve('connected'))
  })
}

test('it connects by TLS, with its certificate, to an address and to a name', async (t) => {
  t.equal(await connect(t, `redis://127.0.0.1:${port}`, good), 'connected')
  t.equal(await connect(t, `rediss://localhost:${port}`, good), 'connected')
  t.equal(await connect(t, `rediss://127.0.0.1:${port}`, { ...good, servername: 'localhost' }), 'connected')
})

test('it refuses a server of another authority, or of another name', async (t) => {
  const { ca: _, ...untrusting } = good
  const url = `rediss://127.0.0.1:${port}`
  t.match(await connect(t, url, { ...good, ca: (await createCertificates(t)).authority.ca }), /certificate/)
  t.match(await connect(t, url, untrusting), /certificate/)
  t.match(await connect(t, url, { ...good, servername: 'elsewhere' }), /does not match/)
  t.match(await connect(t, url), /certificate/)
})

test('it is refused without a certificate, and without TLS', async (t) => {
  t.not(await connect(t, `rediss://127.0.0.1:${port}`, { ca: authority.ca }), 'connected')
  t.not(await connect(t, `redis://127.0.0.1:${port}`), 'connected')
})

test('it speaks to no server that knows no TLS', async (t) => {
  t.equal(await connect(t, server.url), 'connected')
  t.not(await connect(t, server.url, good), 'connected')
})
