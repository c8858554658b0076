import type { ReplyOf } from '@latchkey/contracts/define'
import type { sessionContract } from '@latchkey/contracts/session'
import { type KeyAlgorithm, listKeyFiles, readKeyFile, type SigningKey } from './key-files.ts'

export type PublicKey = ReplyOf<typeof sessionContract.getKeys>['keys'][number]

export interface KeyRing {
  /** The key that signs now. */
  getSigningKey(): SigningKey
  /** Keys that tokens in use may be signed with, and the next one. */
  listPublicKeys(): PublicKey[]
  /** Looks at the folder again; what cannot be read is told to the log, and the keys known so far stay. */
  reload(): Promise<void>
  stop(): void
}

export interface KeyRingOptions {
  /** Holds `<kid>.pem` files, PKCS #8. */
  readonly folder: string
  readonly alg: KeyAlgorithm
  /** A new key is published for so long before it signs. */
  readonly publishDelayMs: number
  /** The longest life of a token: a key stays published for so long after the next one has begun to sign. */
  readonly longestTokenMs: number
  readonly now: () => number
  readonly log: { info(fields: object, text: string): void; error(fields: object, text: string): void }
}

const RELOAD_INTERVAL_MS = 400
const MAX_PUBLISHED = 20

/** No usable key of the configured algorithm is in the folder. */
export class NoSigningKey extends Error {
  override readonly name = 'NoSigningKey'
}

/** Reads the keys and follows their folder until `stop`. Throws `NoSigningKey` where there is nothing to sign with. */
export async function openKeyRing(options: KeyRingOptions): Promise<KeyRing> {
  const { alg, now, log } = options
  const read = createFolderReader(options)
  let keys = await read()
  if (!keys.some((key) => key.alg === alg)) throw new NoSigningKey(`no ${alg} key`)

  const reload = async (): Promise<void> => {
    try {
      const found = await read()
      if (found === keys) return
      if (found.some((key) => key.alg === alg)) keys = found
      else if (keys.length > 0) log.error({ alg }, 'no usable signing key is left; the ones known so far stay in use')
    } catch (err) {
      log.error({ err }, 'the folder of signing keys cannot be read')
    }
  }
  let underWay = Promise.resolve()
  const timer = setInterval(() => {
    underWay = underWay.then(reload)
  }, RELOAD_INTERVAL_MS)
  timer.unref()

  return {
    getSigningKey: () => chooseSigningKey(keys, options, now()),
    listPublicKeys: () => listPublished(keys, options, now()).map(presentPublicKey),
    reload,
    stop: () => clearInterval(timer)
  }
}

type Schedule = Pick<KeyRingOptions, 'alg' | 'publishDelayMs' | 'longestTokenMs'>

interface Turn {
  readonly key: SigningKey
  readonly beginsAtMs: number
}

/** The keys of the configured algorithm in the order they sign; all follow from the names of the files. */
function listTurns(keys: readonly SigningKey[], { alg, publishDelayMs }: Schedule): Turn[] {
  return keys
    .filter((key) => key.alg === alg)
    .sort((a, b) => a.createdAtMs - b.createdAtMs || (a.kid < b.kid ? -1 : 1))
    .map((key, index) => ({ key, beginsAtMs: index === 0 ? 0 : key.createdAtMs + publishDelayMs }))
}

export function chooseSigningKey(keys: readonly SigningKey[], schedule: Schedule, nowMs: number): SigningKey {
  const current = listTurns(keys, schedule).findLast(({ beginsAtMs }) => beginsAtMs <= nowMs)
  if (current === undefined) throw new NoSigningKey(`no ${schedule.alg} key`)
  return current.key
}

/** All but those whose successor signs for longer than any token of theirs can live. */
export function listPublished(keys: readonly SigningKey[], schedule: Schedule, nowMs: number): SigningKey[] {
  const retiredBeforeMs = nowMs - schedule.longestTokenMs
  const turns = listTurns(keys, schedule)
  const isRetired = (key: SigningKey): boolean => {
    const place = turns.findIndex((turn) => turn.key === key)
    const successor = place === -1 ? turns.find((turn) => turn.key.createdAtMs > key.createdAtMs) : turns[place + 1]
    return successor !== undefined && successor.beginsAtMs > 0 && successor.beginsAtMs < retiredBeforeMs
  }
  return keys.filter((key) => !isRetired(key)).slice(-MAX_PUBLISHED)
}

function presentPublicKey({ kid, alg, jwk }: SigningKey): PublicKey {
  return { ...jwk, kid, kty: jwk.kty ?? '', alg, use: 'sig' }
}

/** Answers the very same array as long as no file has changed. */
function createFolderReader({ folder, log }: KeyRingOptions): () => Promise<readonly SigningKey[]> {
  let versions = new Map<string, string>()
  let keys: readonly SigningKey[] = []
  return async () => {
    const files = await listKeyFiles(folder)
    const isSame = files.length === versions.size && files.every(({ kid, version }) => versions.get(kid) === version)
    if (isSame) return keys
    const found: SigningKey[] = []
    for (const file of files) {
      try {
        found.push(await readKeyFile(file))
      } catch (err) {
        const reason = err instanceof Error ? err.message : 'unreadable'
        log.error({ kid: file.kid, reason }, 'a signing key is not usable')
      }
    }
    versions = new Map(files.map(({ kid, version }) => [kid, version]))
    keys = found.sort((a, b) => a.createdAtMs - b.createdAtMs || (a.kid < b.kid ? -1 : 1))
    log.info({ kids: keys.map(({ kid }) => kid) }, 'signing keys read')
    return keys
  }
}
