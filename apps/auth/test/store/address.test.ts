import { createCertificates, startTlsPostgres } from '@latchkey/testing/tls-stores'
import { Client } from 'pg'
import { t as root, test } from 'tap'
import { createAddress } from '../../src/store/address.ts'

const certificates = await createCertificates(root)
const { authority } = certificates
const { url } = await startTlsPostgres(root, certificates)
const good = { ca: authority.ca, ...authority.issue('client') }
const byName = url.replace('127.0.0.1', 'localhost')

/** Whether the server says that it was spoken to by TLS; throws why it was not spoken to at all. */
async function connect(...address: Parameters<typeof createAddress>): Promise<boolean> {
  const client = new Client(createAddress(...address))
  try {
    await client.connect()
    return (await client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).rows[0].ssl
  } finally {
    await client.end()
  }
}

test('it connects by TLS, with its certificate, to an address and to a name', async (t) => {
  t.equal(await connect(url, good), true)
  t.equal(await connect(byName, good), true)
  t.equal(await connect(url, { ...good, servername: 'localhost' }), true)
})

test('the URL cannot make it less strict', async (t) => {
  for (const mode of ['sslmode=disable', 'sslmode=no-verify', 'ssl=0', 'sslmode=require']) {
    t.equal(await connect(`${url}?${mode}`, good), true, mode)
    const ca = (await createCertificates(t)).authority.ca
    await t.rejects(connect(`${url}?${mode}`, { ...good, ca }), /certificate/, mode)
  }
})

test('it refuses a server of another authority, or of another name', async (t) => {
  const { ca: _, ...untrusting } = good
  await t.rejects(connect(url, untrusting), /certificate/)
  for (const address of [url, byName]) {
    await t.rejects(connect(address, { ...good, servername: 'elsewhere' }), /does not match/)
  }
})

test('it is refused without a certificate, and without TLS', async (t) => {
  await t.rejects(connect(url, { ca: authority.ca }), /certificate/)
  await t.rejects(connect(url, undefined), /no encryption/)
})
