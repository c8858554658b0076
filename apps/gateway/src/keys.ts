import { createPublicKey } from 'node:crypto'
import type { ReplyOf } from '@latchkey/contracts/define'
import { type ErrorCode, fail, ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import { createTokenHeader } from '@latchkey/contracts/tokens'

/** A JSON Web Key Set (RFC 7517). */
export type KeySet = ReplyOf<(typeof sessionContract)['getKeys']>
type Jwk = KeySet['keys'][number]

/** A public key with the one algorithm it may verify. */
export interface VerificationKey {
  readonly alg: string
  readonly pem: string
  /** The header part of every token that this key signs. */
  readonly header: string
}

export interface KeyRing {
  /** The published key set; `undefined` until it has been fetched once. */
  readonly published: KeySet | undefined
  /**
   * The key of that id. An unknown one causes at most one fetch per cool-down, shared by all who wait for it.
   * `unavailable`: whether there is such a key could not be found out.
   */
  find(kid: string): Promise<Result<VerificationKey | undefined, 'unavailable'>>
  /** The header part of each key that is known. */
  listHeaders(): readonly string[]
  /** Fetches for a key that may be missing, at most once per cool-down. */
  lookAgain(): Promise<void>
  /** Has `listen` told when a key that was known is known no longer, or is another: what it had verified may be anybody's. */
  onWithdrawn(listen: () => void): void
  /** Fetches now and again at intervals until `stop`. */
  start(): void
  stop(): void
}

export interface KeyRingOptions {
  readonly fetch: () => Promise<Result<KeySet, ErrorCode>>
  readonly log: { warn(fields: object, text: string): void }
}

/** A key removed in an emergency has to stop being accepted within two seconds. */
const REFRESH_INTERVAL_MS = 1500
const COOL_DOWN_MS = 3000
const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/

export function createKeyRing(options: KeyRingOptions): KeyRing {
  return new FetchedKeys(options)
}

class FetchedKeys implements KeyRing {
  published: KeySet | undefined
  readonly #options: KeyRingOptions
  #keys: ReadonlyMap<string, VerificationKey> = new Map()
  /** Whether the last fetch went well: only then is a key that is not there known not to exist. */
  #complete = false
  #underWay: Promise<void> | undefined
  #nextUnknownAtMs = 0
  #timer: NodeJS.Timeout | undefined
  readonly #listeners = new Set<() => void>()

  constructor(options: KeyRingOptions) {
    this.#options = options
  }

  async find(kid: string): ReturnType<KeyRing['find']> {
    if (!this.#keys.has(kid)) await (KEY_ID.test(kid) ? this.lookAgain() : this.#underWay)
    const key = this.#keys.get(kid)
    return key === undefined && !this.#complete ? fail('unavailable') : ok(key)
  }

  listHeaders(): readonly string[] {
    return [...this.#keys.values()].map(({ header }) => header)
  }

  onWithdrawn(listen: () => void): void {
    this.#listeners.add(listen)
  }

  start(): void {
    void this.#refresh()
    this.#timer = setInterval(() => void this.#refresh(), REFRESH_INTERVAL_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async lookAgain(): Promise<void> {
    if (performance.now() >= this.#nextUnknownAtMs) {
      this.#nextUnknownAtMs = performance.now() + COOL_DOWN_MS
      await this.#refresh()
    } else await this.#underWay
  }

  #refresh(): Promise<void> {
    this.#underWay ??= this.#fetch().finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  async #fetch(): Promise<void> {
    const result = await this.#options.fetch()
    this.#complete = result.ok
    if (!result.ok) return
    const former = this.#keys
    this.published = result.value
    this.#keys = readKeys(result.value, this.#options.log)
    const isKept = ([kid, { pem }]: readonly [string, VerificationKey]) => this.#keys.get(kid)?.pem === pem
    if ([...former].every(isKept)) return
    for (const listen of this.#listeners) listen()
  }
}

function readKeys({ keys }: KeySet, log: KeyRingOptions['log']): Map<string, VerificationKey> {
  const read = new Map<string, VerificationKey>()
  for (const jwk of keys) {
    const pem = findPem(jwk)
    if (pem === undefined) log.warn({ kid: jwk.kid }, 'a published key is not usable')
    else read.set(jwk.kid, { alg: jwk.alg, pem, header: encodeHeader(jwk) })
  }
  return read
}

function encodeHeader(jwk: Jwk): string {
  return Buffer.from(JSON.stringify(createTokenHeader(jwk))).toString('base64url')
}

const MIN_RSA_BITS = 2048

/** The key as text, if it is one of the kinds that the algorithm it is published for asks for. */
function findPem(jwk: Jwk): string | undefined {
  try {
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {}
    const fits =
      (jwk.alg === 'RS256' && key.asymmetricKeyType === 'rsa' && modulusLength >= MIN_RSA_BITS) ||
      (jwk.alg === 'ES256' && key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') ||
      (jwk.alg === 'EdDSA' && key.asymmetricKeyType === 'ed25519')
    return fits ? key.export({ type: 'spki', format: 'pem' }).toString() : undefined
  } catch {
    return undefined
  }
}
