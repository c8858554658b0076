import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const KEY_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number]

/** A signing key with the one algorithm it is used with. */
export interface SigningKey {
  readonly kid: string
  readonly alg: KeyAlgorithm
  /** From its name, so that every replica says the same; 0 for a name that does not tell. */
  readonly createdAtMs: number
  readonly privatePem: string
  readonly publicPem: string
  /** Public members only (RFC 7517). */
  readonly jwk: Readonly<Record<string, string>>
}

const KEY_FILE = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})\.pem$/
const DATED_KID = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/
const MIN_RSA_BITS = 2048
const generate = promisify(generateKeyPair)

/** Where a key file is and which version of it: two equal ones hold the same key. */
export interface KeyFile {
  readonly kid: string
  readonly path: string
  readonly version: string
}

/** The key files of a folder; none where there is no such folder. */
export async function listKeyFiles(folder: string): Promise<KeyFile[]> {
  const names = await readdir(folder).catch((err: NodeJS.ErrnoException) => {
    if (err.code === 'ENOENT') return []
    throw err
  })
  const files = await Promise.all(names.map((name) => findKeyFile(folder, name)))
  return files.filter((file) => file !== undefined)
}

async function findKeyFile(folder: string, name: string): Promise<KeyFile | undefined> {
  const kid = KEY_FILE.exec(name)?.[1]
  if (kid === undefined) return undefined
  const path = join(folder, name)
  // A file may go between the two looks.
  const facts = await stat(path).catch(() => undefined)
  return facts?.isFile() === true ? { kid, path, version: `${facts.mtimeMs}:${facts.size}:${facts.ino}` } : undefined
}

/** Throws for what is not a private key of a supported kind and strength; the message never holds any of it. */
export async function readKeyFile({ kid, path }: KeyFile): Promise<SigningKey> {
  const privatePem = await readFile(path, 'utf8')
  const privateKey = createPrivateKey(privatePem)
  const publicKey = createPublicKey(privateKey)
  const alg = findAlgorithm(privateKey)
  if (alg === undefined) throw new Error('neither RSA of 2048 bits or more, nor P-256, nor Ed25519')
  const members = Object.entries(publicKey.export({ format: 'jwk' })).filter(([, value]) => typeof value === 'string')
  return {
    kid,
    alg,
    createdAtMs: readCreatedAtMs(kid),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwk: Object.fromEntries(members)
  }
}

function findAlgorithm(key: KeyObject): KeyAlgorithm | undefined {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= MIN_RSA_BITS) return 'RS256'
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return 'ES256'
  return key.asymmetricKeyType === 'ed25519' ? 'EdDSA' : undefined
}

function readCreatedAtMs(kid: string): number {
  const [, year, month, day, hour, minute, second] = DATED_KID.exec(kid) ?? []
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(ms) ? 0 : ms
}

/** Makes a key and puts it into the folder as one step, readable by its owner only. Answers its id. */
export async function createKeyFile(folder: string, alg: KeyAlgorithm, now: Date): Promise<string> {
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const kid = `${stamp}-${randomBytes(4).toString('hex')}`
  const pem = (await createPrivate(alg)).export({ type: 'pkcs8', format: 'pem' })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const unfinished = join(folder, `.${kid}.new`)
  await writeFile(unfinished, pem, { mode: 0o600, flag: 'wx' })
  await rename(unfinished, join(folder, `${kid}.pem`))
  return kid
}

async function createPrivate(alg: KeyAlgorithm): Promise<KeyObject> {
  if (alg === 'RS256') return (await generate('rsa', { modulusLength: MIN_RSA_BITS })).privateKey
  if (alg === 'ES256') return (await generate('ec', { namedCurve: 'P-256' })).privateKey
  return (await generate('ed25519')).privateKey
}
