import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { pickFreePort } from '@latchkey/dev/free-port'
import { startEphemeralPostgres } from '@latchkey/dev/servers'
import { Client } from 'pg'
import { type Authority, createAuthority } from './certificates.ts'
import type { TestScope, TestServer } from './stores.ts'

/** Names of files with what a server and its clients need of one authority. */
export interface CertificateFiles {
  readonly ca: string
  readonly serverCert: string
  readonly serverKey: string
  readonly clientCert: string
  readonly clientKey: string
}

export interface Certificates {
  readonly authority: Authority
  readonly files: CertificateFiles
}

/** An authority with a certificate for a server of these names (of this machine unless told otherwise) and one for a client. */
export async function createCertificates(t: TestScope, names = ['localhost', '127.0.0.1']): Promise<Certificates> {
  const authority = createAuthority()
  const server = authority.issue(...names)
  const client = authority.issue('client')
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-certificates-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const write = async (name: string, pem: string): Promise<string> => {
    const path = join(folder, name)
    await writeFile(path, pem, { mode: 0o600 })
    return path
  }
  const files = {
    ca: await write('ca.pem', authority.ca),
    serverCert: await write('server.pem', server.cert),
    serverKey: await write('server.key', server.key),
    clientCert: await write('client.pem', client.cert),
    clientKey: await write('client.key', client.key)
  }
  return { authority, files }
}

/** Arguments by which NATS takes nobody without TLS and a certificate of the authority. */
export function natsTlsArguments({ ca, serverCert, serverKey }: CertificateFiles): string[] {
  return ['--tlsverify', '--tlscacert', ca, '--tlscert', serverCert, '--tlskey', serverKey]
}

/** Arguments by which Redis does the same on a port beside its plain one. */
export async function redisTlsArguments({ ca, serverCert, serverKey }: CertificateFiles) {
  const port = await pickFreePort()
  const files = ['--tls-ca-cert-file', ca, '--tls-cert-file', serverCert, '--tls-key-file', serverKey]
  return { port, args: ['--tls-port', String(port), '--tls-auth-clients', 'yes', ...files] }
}

/** PostgreSQL that takes nobody without TLS and a certificate of the authority. */
export async function startTlsPostgres(t: TestScope, { authority }: Certificates): Promise<Pick<TestServer, 'url'>> {
  const server = await startEphemeralPostgres(env)
  t.teardown(server.stop)
  const client = new Client({ connectionString: server.url })
  await client.connect()
  const { cert, key } = authority.issue('localhost', '127.0.0.1')
  const rules = 'hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n'
  const files = { 'server.crt': cert, 'server.key': key, 'root.crt': authority.ca, 'pg_hba.conf': rules }
  for (const [name, text] of Object.entries(files)) {
    // Written by the server, since it insists that its key is its own.
    const base64 = Buffer.from(text).toString('base64')
    await client.query(`copy (select '${base64}') to program 'umask 077; base64 -d > ${name}'`)
  }
  await client.query("alter system set ssl_ca_file = 'root.crt'")
  await client.query('alter system set ssl = on')
  await client.query('select pg_reload_conf()')
  await client.end()
  return { url: server.url }
}
