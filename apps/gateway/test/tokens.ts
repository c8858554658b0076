import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { createTokenHeader } from '@latchkey/contracts/tokens'
import type { KeySet } from '../src/keys.ts'

export interface TestKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: KeySet['keys'][number]
}

export function createKey(kid: string): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, kty: 'RSA', alg: 'RS256', use: 'sig' } as const
  return { kid, privateKey, publicKey, jwk }
}

export interface TokenParts {
  readonly header?: object
  readonly claims?: object
}

/** The claims of a good token; `undefined` takes one away. */
export function createClaims(overrides: object = {}): object {
  const nowSeconds = Math.floor(Date.now() / 1000)
  return {
    iss: 'latchkey',
    aud: 'latchkey',
    jti: randomBytes(12).toString('base64url'),
    iat: nowSeconds,
    exp: nowSeconds + 600,
    ...overrides
  }
}

export function createToken(key: TestKey, { header = {}, claims = {} }: TokenParts): string {
  const input = encodeInput({ ...createTokenHeader({ alg: 'RS256', kid: key.kid }), ...header }, claims)
  return `${input}.${createSign('RSA-SHA256').update(input).sign(key.privateKey, 'base64url')}`
}

export function encodeInput(header: unknown, claims: unknown): string {
  return [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
}
