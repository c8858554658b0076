import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import type { ConnectionOptions } from 'node:tls'
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

const TLS_ONLY = 'hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n'
/** For whoever looks after the server. */
const PLAIN_TOO = `${TLS_ONLY}hostnossl all all 127.0.0.1/32 scram-sha-256\n`

/** PostgreSQL that takes nobody without TLS and a certificate of the authority. */
export async function startTlsPostgres(t: TestScope, certificates: Certificates): Promise<Pick<TestServer, 'url'>> {
  return await startWithTls(t, certificates, TLS_ONLY)
}

export interface RenewablePostgres extends Pick<TestServer, 'url'> {
  /** Has the running server show a certificate that this authority has signed. */
  renew(authority: Authority): Promise<void>
  /** Connects by TLS once; rejects where the server shows what is not to be trusted. */
  meet(tls: ConnectionOptions): Promise<void>
}

/** The same, but it takes those without TLS as well, so that its certificate can be another one while it runs. */
export async function startRenewablePostgres(t: TestScope, certificates: Certificates): Promise<RenewablePostgres> {
  const { url } = await startWithTls(t, certificates, PLAIN_TOO)
  return {
    url,
    renew: (authority) =>
      withClient(url, async (client) => {
        await writeFiles(client, createServerFiles(authority))
        await client.query('select pg_reload_conf()')
      }),
    meet: async (tls) => {
      const client = new Client({ connectionString: url, ssl: tls })
      await client.connect()
      await client.end()
    }
  }
}

async function startWithTls(t: TestScope, { authority }: Certificates, rules: string): Promise<{ url: string }> {
  const { url, stop } = await startEphemeralPostgres(env)
  t.teardown(stop)
  await withClient(url, async (client) => {
    const files = { ...createServerFiles(authority), 'root.crt': authority.ca, 'pg_hba.conf': rules }
    await writeFiles(client, files)
    await client.query("alter system set ssl_ca_file = 'root.crt'")
    await client.query('alter system set ssl = on')
    await client.query('select pg_reload_conf()')
  })
  return { url }
}

async function withClient(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

function createServerFiles(authority: Authority): Readonly<Record<string, string>> {
  const { cert, key } = authority.issue('localhost', '127.0.0.1')
  return { 'server.crt': cert, 'server.key': key }
}

/** Written by the server, since it insists that its key is its own. */
async function writeFiles(client: Client, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const base64 = Buffer.from(text).toString('base64')
    await client.query(`copy (select '${base64}') to program 'umask 077; base64 -d > ${name}'`)
  }
}
