import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { createKeyFile, type KeyAlgorithm, listKeyFiles, readKeyFile } from '../src/key-files.ts'
import { chooseSigningKey, type KeyRingOptions, listPublished, NoSigningKey, openKeyRing } from '../src/keys.ts'
import { until } from './until.ts'

const MINUTE_MS = 60_000

function optionsFor(t: Test, changes: Partial<KeyRingOptions> = {}): KeyRingOptions {
  return {
    folder: t.testdir(),
    alg: 'ES256',
    publishDelayMs: MINUTE_MS,
    longestTokenMs: 10 * MINUTE_MS,
    now: Date.now,
    log: { info: () => {}, error: () => {} },
    ...changes
  }
}

async function readFolder(folder: string) {
  return await Promise.all((await listKeyFiles(folder)).map(readKeyFile))
}

test('a key of each algorithm is made, read again and published without private members', async (t) => {
  for (const alg of ['RS256', 'ES256', 'EdDSA'] satisfies KeyAlgorithm[]) {
    const options = optionsFor(t, { folder: join(t.testdir(), alg), alg })
    const kid = await createKeyFile(options.folder, alg, new Date())
    const ring = await openKeyRing(options)
    ring.stop()
    const [published, ...others] = ring.listPublicKeys()
    t.match(published, { kid, alg, use: 'sig' })
    const allowed = ['kid', 'kty', 'alg', 'use', 'n', 'e', 'crv', 'x', 'y']
    t.same(
      Object.keys(published ?? {}).filter((name) => !allowed.includes(name)),
      []
    )
    t.same(others, [])
    const { privatePem } = ring.getSigningKey()
    const digest = alg === 'EdDSA' ? null : 'sha256'
    const publicKey = createPublicKey({ key: { ...published }, format: 'jwk' })
    t.ok(verify(digest, Buffer.from('data'), publicKey, sign(digest, Buffer.from('data'), privatePem)))
  }
})

test('the next key is published at once, signs after the delay, and the one before stays until its tokens are over', async (t) => {
  const options = optionsFor(t)
  const startMs = Date.parse('2026-11-21T10:00:00.000Z')
  const first = await createKeyFile(options.folder, 'ES256', new Date(startMs))
  const next = await createKeyFile(options.folder, 'ES256', new Date(startMs + 60 * MINUTE_MS))
  const keys = await readFolder(options.folder)
  const at = (minutes: number) => {
    const nowMs = startMs + minutes * MINUTE_MS
    const published = listPublished(keys, options, nowMs).map(({ kid }) => kid)
    return { signs: chooseSigningKey(keys, options, nowMs).kid, published: published.sort() }
  }
  t.same(at(60.5), { signs: first, published: [first, next].sort() })
  t.same(at(61), { signs: next, published: [first, next].sort() })
  t.same(at(71), { signs: next, published: [first, next].sort() })
  t.same(at(71.1), { signs: next, published: [next] })
})

test('a key added while running is found, and one removed is gone', async (t) => {
  const options = optionsFor(t, { publishDelayMs: 0 })
  const first = await createKeyFile(options.folder, 'ES256', new Date('2026-11-20T10:00:00.000Z'))
  const ring = await openKeyRing(options)
  t.teardown(ring.stop)
  const next = await createKeyFile(options.folder, 'ES256', new Date('2026-11-20T11:00:00.000Z'))
  await until(() => ring.getSigningKey().kid === next)
  await rm(join(options.folder, `${first}.pem`))
  await until(() => ring.listPublicKeys().length === 1)
  t.equal(ring.listPublicKeys()[0]?.kid, next)
})

test('a folder that lost all keys leaves those known in use', async (t) => {
  const options = optionsFor(t)
  const kid = await createKeyFile(options.folder, 'ES256', new Date())
  const ring = await openKeyRing(options)
  t.teardown(ring.stop)
  await rm(join(options.folder, `${kid}.pem`))
  await ring.reload()
  t.equal(ring.getSigningKey().kid, kid)
})

test('a folder without a key of the algorithm is refused', async (t) => {
  const options = optionsFor(t)
  await t.rejects(openKeyRing(options), NoSigningKey)
  await t.rejects(openKeyRing({ ...options, folder: join(options.folder, 'missing') }), NoSigningKey)
  await createKeyFile(options.folder, 'EdDSA', new Date())
  await t.rejects(openKeyRing(options), NoSigningKey)
})

test('a file that is no usable key is passed over, and the log never holds any of it', async (t) => {
  const lines: string[] = []
  const note = (fields: object, text: string) => void lines.push(`${text} ${JSON.stringify(fields)}`)
  const options = optionsFor(t, { log: { info: note, error: note } })
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
  await writeFile(join(options.folder, 'weak.pem'), weak)
  await writeFile(join(options.folder, 'broken.pem'), 'not a key but a secret')
  await writeFile(join(options.folder, 'bad name.pem'), weak)
  const kid = await createKeyFile(options.folder, 'ES256', new Date())
  const ring = await openKeyRing(options)
  t.teardown(ring.stop)
  t.same(
    ring.listPublicKeys().map((key) => key.kid),
    [kid]
  )
  t.equal(lines.filter((line) => line.includes('not usable')).length, 2)
  t.notMatch(lines.join('\n'), /PRIVATE|not a key/)
})

test('a key under a name without a date comes before all that have one', async (t) => {
  const options = optionsFor(t)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await writeFile(join(options.folder, 'mine.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const ring = await openKeyRing(options)
  t.teardown(ring.stop)
  t.equal(ring.getSigningKey().kid, 'mine')
})
