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

/** Parameters come in any order: writers disagree. */
const PHC =
  /^\$argon2id\$v=19\$([mtp]=\d{1,7},[mtp]=\d{1,7},[mtp]=\d{1,7})\$([A-Za-z0-9+/]{1,128})\$([A-Za-z0-9+/]{1,128})$/

/** Parameters of an argon2id PHC string, or `undefined` for one that must not be handed to argon2. */
export function readVerifier(verifier: string, current: Argon2Parameters): Argon2Parameters | undefined {
  const [, parameters = '', salt = '', tag = ''] = PHC.exec(verifier) ?? []
  const { m, t, p } = Object.fromEntries(parameters.split(',').map((pair) => pair.split('=')))
  const stored = { memoryKib: Number(m), passes: Number(t), parallelism: Number(p) }
  if (Buffer.from(salt, 'base64').length < MIN_SALT_BYTES || Buffer.from(tag, 'base64').length !== TAG_BYTES) {
    return undefined
  }
  return isSound(stored) && isAffordable(stored, current) ? stored : undefined
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
