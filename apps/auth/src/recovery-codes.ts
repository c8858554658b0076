import { createHash } from 'node:crypto'
import { Secret } from 'otpauth'
import type { RecoveryCode, RecoveryCodes } from './domain/factor-ports.ts'

const CODES = 10
/** 80 bits: nobody guesses one, so a plain hash of it keeps its secret. */
const CODE_BYTES = 10
const CODE = /^[a-z2-7]{16}$/

/** Codes of 16 letters and digits that are hard to mistake, in groups of four. Case, spaces and hyphens do not count. */
export const recoveryCodes: RecoveryCodes = {
  create: () => Array.from({ length: CODES }, createCode),
  hash: (code) => {
    const bare = code.replaceAll(/[\s-]/g, '').toLowerCase()
    return CODE.test(bare) ? hashBare(bare) : undefined
  }
}

function createCode(): RecoveryCode {
  const { base32 } = new Secret({ size: CODE_BYTES })
  const bare = base32.toLowerCase()
  return { code: bare.replaceAll(/(.{4})(?=.)/g, '$1-'), hash: hashBare(bare) }
}

function hashBare(bare: string): Buffer {
  return createHash('sha256').update(bare).digest()
}
