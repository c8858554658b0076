export interface Argon2Parameters {
  readonly memoryKib: number
  readonly passes: number
  readonly parallelism: number
}

/** A stored verifier decides what its verification costs; a forged or foreign one must not decide too much. */
const CEILING: Argon2Parameters = { memoryKib: 128 * 1024, passes: 8, parallelism: 8 }
const MAX_MEMORY_PASSES_KIB = 512 * 1024
const MIN_SALT_BYTES = 8
/** Length of every hash that is made here. */
export const TAG_BYTES = 32

/** Others make them shorter or longer. */
const MIN_TAG_BYTES = 16
const MAX_TAG_BYTES = 64

/** Parameters come in any order: writers disagree. */
const PHC =
  /^\$argon2(id|i|d)\$v=19\$([mtp]=\d{1,7},[mtp]=\d{1,7},[mtp]=\d{1,7})\$([A-Za-z0-9+/]{1,128})\$([A-Za-z0-9+/]{1,128})$/

/** An argon2 verifier of any variant that may be handed to argon2. */
export interface Argon2Verifier extends Argon2Parameters {
  /** Of the variant and length that are made here. */
  readonly isOwnKind: boolean
}

/** `unsupported` for what is no argon2 PHC string of today's version, `too_costly` for one that is not affordable. */
export function readArgon2(verifier: string, current: Argon2Parameters): Argon2Verifier | 'unsupported' | 'too_costly' {
  const [, variant, parameters = '', salt = '', tag = ''] = PHC.exec(verifier) ?? []
  const { m, t, p } = Object.fromEntries(parameters.split(',').map((pair) => pair.split('=')))
  const stored = { memoryKib: Number(m), passes: Number(t), parallelism: Number(p) }
  const [saltBytes, tagBytes] = [salt, tag].map((text) => Buffer.from(text, 'base64').length)
  if (saltBytes === undefined || saltBytes < MIN_SALT_BYTES || !isSound(stored)) return 'unsupported'
  if (tagBytes === undefined || tagBytes < MIN_TAG_BYTES || tagBytes > MAX_TAG_BYTES) return 'unsupported'
  if (!isAffordable(stored, current)) return 'too_costly'
  return { ...stored, isOwnKind: variant === 'id' && tagBytes === TAG_BYTES }
}

/** The order in which RFC 9106 and most readers have the parameters. */
export function orderParameters(verifier: string): string {
  return verifier.replace(/\$(m=\d+),(p=\d+),(t=\d+)\$/, '$$$1,$3,$2$$')
}

/** Argon2 itself refuses anything below. */
function isSound({ memoryKib, passes, parallelism }: Argon2Parameters): boolean {
  return passes >= 1 && parallelism >= 1 && memoryKib >= 8 * parallelism
}

function isAffordable(stored: Argon2Parameters, current: Argon2Parameters): boolean {
  return (
    stored.memoryKib <= Math.max(CEILING.memoryKib, current.memoryKib) &&
    stored.passes <= Math.max(CEILING.passes, current.passes) &&
    stored.parallelism <= CEILING.parallelism &&
    stored.memoryKib * stored.passes <= Math.max(MAX_MEMORY_PASSES_KIB, current.memoryKib * current.passes)
  )
}

/** Parameters only ever rise: a verifier that is stronger than the current ones stays. */
export function isWeaker(stored: Argon2Parameters, current: Argon2Parameters): boolean {
  return (
    stored.memoryKib < current.memoryKib || stored.passes < current.passes || stored.parallelism < current.parallelism
  )
}
