/** A verifier that was made elsewhere, within what its check may cost. */
export type ForeignVerifier =
  | { readonly scheme: 'bcrypt'; readonly hash: string }
  | {
      readonly scheme: 'scrypt'
      readonly cost: number
      readonly blockSize: number
      readonly parallelization: number
      readonly salt: Uint8Array
      readonly hash: Uint8Array
    }
  | {
      readonly scheme: 'pbkdf2'
      readonly digest: 'sha256' | 'sha512'
      readonly iterations: number
      readonly salt: Uint8Array
      readonly hash: Uint8Array
    }

/** Each makes a check of a second or so at most; beyond it people would wait for somebody else's sign-in. */
const MAX_BCRYPT_COST = 14
const MAX_SCRYPT_BYTES = 256 * 1024 * 1024
/** How often that memory may be gone through. */
const MAX_SCRYPT_WORK_BYTES = 2 * MAX_SCRYPT_BYTES
const MAX_PBKDF2_ITERATIONS = 2_000_000

const MIN_SALT_BYTES = 4
/** Of a shorter hash many a password would be right. */
const MIN_HASH_BYTES = 16
const MAX_BYTES = 128

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/
const SCRYPT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,4}),p=(\d{1,4})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
const PBKDF2 = /^\$pbkdf2-(sha256|sha512)\$i=(\d{1,10})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** `unsupported` for what has none of the forms, `too_costly` for what must not be checked. */
export function readForeignVerifier(verifier: string): ForeignVerifier | 'unsupported' | 'too_costly' {
  return readBcrypt(verifier) ?? readScrypt(verifier) ?? readPbkdf2(verifier) ?? 'unsupported'
}

function readBcrypt(verifier: string) {
  const cost = BCRYPT.exec(verifier)?.[1]
  if (cost === undefined || Number(cost) < 4) return undefined
  return Number(cost) > MAX_BCRYPT_COST ? 'too_costly' : ({ scheme: 'bcrypt', hash: verifier } as const)
}

function readScrypt(verifier: string) {
  const [, logCost, ...rest] = SCRYPT.exec(verifier) ?? []
  const [blockSize = 0, parallelization = 0] = rest.slice(0, 2).map(Number)
  const bytes = readBytes(rest[2], rest[3])
  if (logCost === undefined || bytes === undefined || Number(logCost) < 1) return undefined
  if (blockSize < 1 || parallelization < 1) return undefined
  const cost = 2 ** Number(logCost)
  const memory = 128 * cost * blockSize
  if (memory > MAX_SCRYPT_BYTES || memory * parallelization > MAX_SCRYPT_WORK_BYTES) return 'too_costly'
  return { scheme: 'scrypt', cost, blockSize, parallelization, ...bytes } as const
}

function readPbkdf2(verifier: string) {
  const [, digest, iterations, salt, hash] = PBKDF2.exec(verifier) ?? []
  const bytes = readBytes(salt, hash)
  if (bytes === undefined || (digest !== 'sha256' && digest !== 'sha512') || Number(iterations) < 1) return undefined
  if (Number(iterations) > MAX_PBKDF2_ITERATIONS) return 'too_costly'
  return { scheme: 'pbkdf2', digest, iterations: Number(iterations), ...bytes } as const
}

function readBytes(salt = '', hash = ''): { salt: Uint8Array; hash: Uint8Array } | undefined {
  const bytes = { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') }
  const isSound = bytes.salt.length >= MIN_SALT_BYTES && bytes.hash.length >= MIN_HASH_BYTES
  return isSound && bytes.salt.length <= MAX_BYTES && bytes.hash.length <= MAX_BYTES ? bytes : undefined
}
