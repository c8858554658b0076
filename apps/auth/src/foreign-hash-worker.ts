import { pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import bcrypt from 'bcryptjs'
import type { ForeignVerifier } from './foreign-verifiers.ts'

export interface ForeignTask {
  readonly verifier: ForeignVerifier
  readonly password: string
}

/** bcrypt takes no more of a password: two long ones that begin alike would be the same. */
const MAX_BCRYPT_BYTES = 72

parentPort?.on('message', (task: ForeignTask) => parentPort?.postMessage(isRight(task)))

function isRight({ verifier, password }: ForeignTask): boolean {
  switch (verifier.scheme) {
    case 'bcrypt':
      return Buffer.byteLength(password) <= MAX_BCRYPT_BYTES && bcrypt.compareSync(password, verifier.hash)
    case 'scrypt': {
      const { cost, blockSize, parallelization, salt, hash } = verifier
      // Node.js wants room for more than the algorithm's own 128 * cost * blockSize.
      const maxmem = 256 * (cost + parallelization + 2) * blockSize
      const options = { cost, blockSize, parallelization, maxmem }
      return timingSafeEqual(scryptSync(password, salt, hash.length, options), hash)
    }
    case 'pbkdf2': {
      const { digest, iterations, salt, hash } = verifier
      return timingSafeEqual(pbkdf2Sync(password, salt, iterations, hash.length, digest), hash)
    }
  }
}
