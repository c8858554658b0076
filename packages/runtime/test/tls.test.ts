import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { t as root, test } from 'tap'
import { ConfigError, readConfig } from '../src/config.ts'
import { getTls, tlsVariables } from '../src/tls.ts'

const folder = await mkdtemp(join(tmpdir(), 'latchkey-tls-'))
root.teardown(() => rm(folder, { recursive: true, force: true }))

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const key = await write('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const cert = await write('cert.pem', broken)
const read = (environment: Record<string, string>) => getTls('X', readConfig(tlsVariables('X'), environment))

test('without any of its variables there is none', async (t) => {
  t.equal(read({}), undefined)
  t.equal(read({ X_TLS_CA: '' }), undefined)
})

test('a name alone is enough', async (t) => {
  t.same(read({ X_TLS_SERVER_NAME: 'redis.internal' }), { servername: 'redis.internal' })
})

test('a file that is not there, or holds something else, is named with the variable and not by its path', async (t) => {
  for (const path of [join(folder, 'missing.pem'), folder, key]) {
    t.throws(() => read({ X_TLS_CA: path }), /^configuration: X_TLS_CA must be the path of a readable PEM file/)
    t.throws(() => read({ X_TLS_CA: path }), ConfigError)
  }
  t.throws(() => read({ X_TLS_KEY: cert }), /X_TLS_KEY must be/)
})

test('certificate and key come together and fit together', async (t) => {
  t.throws(() => read({ X_TLS_KEY: key }), /X_TLS_CERT and X_TLS_KEY belong together/)
  t.throws(() => read({ X_TLS_CERT: cert }), /X_TLS_CERT and X_TLS_KEY belong together/)
  t.throws(() => read({ X_TLS_CERT: cert, X_TLS_KEY: key }), /X_TLS_\* do not fit together/)
})
