import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

/** A certificate and its key, both as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Signs certificates; who trusts `ca` trusts them. */
export interface Authority {
  /** The authority's own certificate as PEM. */
  readonly ca: string
  /** A certificate for these names and IPv4 addresses, good for servers and clients, for a day. */
  issue(...names: readonly string[]): Certificate
}

const TAG = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, sequence: 0x30, set: 0x31 }
const OID = {
  ecdsaWithSha256: '2a8648ce3d040302',
  commonName: '550403',
  basicConstraints: '551d13',
  subjectAltName: '551d11'
}
const DAY_MS = 24 * 3_600_000

/** One value in DER: its tag, the length of what it holds, and that. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  // The shortest form that holds it: no other one is allowed.
  const form = length < 0x80 ? [] : length < 0x100 ? [0x81] : [0x82, length >> 8]
  return Buffer.concat([Buffer.of(tag, ...form, length & 0xff), content])
}

const sequence = (...contents: readonly Buffer[]) => der(TAG.sequence, ...contents)
const oid = (hex: string) => der(TAG.oid, Buffer.from(hex, 'hex'))
const named = (name: string) => sequence(der(TAG.set, sequence(oid(OID.commonName), der(TAG.utf8, Buffer.from(name)))))

/** `YYYYMMDDHHMMSSZ`. */
function time(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replace(/[-T:]|\.\d+/g, '')
  return der(0x18, Buffer.from(digits))
}

function alternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIP(name) === 4 ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name))
  )
  return sequence(oid(OID.subjectAltName), der(TAG.octets, sequence(...entries)))
}

function authorityExtension(): Buffer {
  const isAuthority = sequence(der(TAG.boolean, Buffer.of(0xff)))
  return sequence(oid(OID.basicConstraints), der(TAG.boolean, Buffer.of(0xff)), der(TAG.octets, isAuthority))
}

interface Signed {
  readonly subject: string
  readonly publicKey: KeyObject
  readonly issuer: string
  readonly issuerKey: KeyObject
  readonly extension: Buffer
}

/** An X.509 certificate (RFC 5280), version 3. */
function signCertificate({ subject, publicKey, issuer, issuerKey, extension }: Signed): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256))
  const serial = randomBytes(8)
  serial.writeUInt8(0x40 | (serial.readUInt8() & 0x3f))
  const body = sequence(
    der(0xa0, der(TAG.integer, Buffer.of(2))),
    der(TAG.integer, serial),
    algorithm,
    named(issuer),
    sequence(time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
    named(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension))
  )
  const signature = der(TAG.bits, Buffer.of(0), sign('sha256', body, issuerKey))
  const base64 = sequence(body, algorithm, signature)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${base64}-----END CERTIFICATE-----\n`
}

function createKeys(): { readonly publicKey: KeyObject; readonly key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return { publicKey, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** A new authority that nobody knows yet. */
export function createAuthority(): Authority {
  const issuer = `authority ${randomBytes(4).toString('hex')}`
  const issuerKey = createPrivateKey(createKeys().key)
  const own = { subject: issuer, publicKey: createPublicKey(issuerKey), extension: authorityExtension() }
  return {
    ca: signCertificate({ ...own, issuer, issuerKey }),
    issue: (...names) => {
      const { publicKey, key } = createKeys()
      const subject = names[0] ?? 'nobody'
      const extension = alternativeNames(names)
      return { key, cert: signCertificate({ subject, publicKey, issuer, issuerKey, extension }) }
    }
  }
}
