import { randomBytes } from 'node:crypto'
import { ok } from '@latchkey/contracts/errors'
import * as argon2 from 'argon2'
import type { Passwords } from './domain/ports.ts'
import { createForeignHashes } from './foreign-hashes.ts'
import { readForeignVerifier } from './foreign-verifiers.ts'
import { createHashQueue, type HashLoad, type HashQueueOptions } from './hash-queue.ts'
import { type Argon2Parameters, isWeaker, orderParameters, readArgon2, TAG_BYTES } from './verifiers.ts'

/** The native part: slow on purpose, off the event loop. */
export interface Argon2 {
  hash(password: string, parameters: Argon2Parameters): Promise<string>
  verify(verifier: string, password: string): Promise<boolean>
}

export interface PasswordsOptions {
  readonly parameters: Argon2Parameters
  readonly queue: HashQueueOptions
  /** The `argon2` package unless told otherwise. */
  readonly argon2?: Argon2
}

export interface CheckedPasswords extends Passwords {
  /** Resolves when hashing has been seen to work in this process; rejects when it does not work. */
  readonly check: () => Promise<void>
  /** Why a verifier made elsewhere cannot be taken; `undefined` for one that `verify` will check. */
  readonly findFault: (verifier: string) => 'unsupported' | 'too_costly' | undefined
  readonly close: () => Promise<void>
  /** Of the queue of hashing. */
  readonly load: HashLoad
}

const nativeArgon2: Argon2 = {
  hash: async (password, { memoryKib, passes, parallelism }) => {
    const costs = { memoryCost: memoryKib, timeCost: passes, parallelism }
    return orderParameters(await argon2.hash(password, { type: argon2.argon2id, ...costs, hashLength: TAG_BYTES }))
  },
  verify: (verifier, password) => argon2.verify(verifier, password)
}

/**
 * argon2id behind a bounded queue, and verifiers made elsewhere until their users have signed in once. Passwords are
 * handed in normalised and within their limits.
 */
export function createPasswords({
  parameters,
  queue,
  argon2: native = nativeArgon2
}: PasswordsOptions): CheckedPasswords {
  const hashes = createHashQueue(queue)
  const foreignHashes = createForeignHashes()
  const dummy = createDummy(native, parameters)

  /** As expensive as a right verifier, and never right. */
  const verifyDummy = async (password: string) => {
    await native.verify(await dummy, password)
    return { matches: false, outdated: false }
  }

  const verifyArgon2 = async (password: string, verifier: string | undefined) => {
    const stored = verifier === undefined ? 'unsupported' : readArgon2(verifier, parameters)
    if (verifier === undefined || typeof stored === 'string') return await verifyDummy(password)
    const outdated = !stored.isOwnKind || isWeaker(stored, parameters)
    const matches = await native.verify(verifier, password)
    // A weaker verifier answers sooner, which would tell that the user exists.
    if (!matches && outdated) await verifyDummy(password)
    return { matches, outdated: matches && outdated }
  }

  const verify: Passwords['verify'] = async (password, verifier, deadline) => {
    const foreign = verifier === undefined ? 'unsupported' : readForeignVerifier(verifier)
    if (typeof foreign === 'string') return await hashes.run(() => verifyArgon2(password, verifier), deadline)
    const verified = await foreignHashes.verify(foreign, password, deadline)
    if (!verified.ok) return verified
    if (verified.value) return ok({ matches: true, outdated: true })
    return await hashes.run(() => verifyDummy(password), deadline)
  }

  return {
    hasRoom: hashes.hasRoom,
    hash: (password, deadline) => hashes.run(() => native.hash(password, parameters), deadline),
    verify,
    check: async () => {
      await dummy
    },
    findFault: (verifier) => {
      const foreign = readForeignVerifier(verifier)
      const stored = foreign === 'unsupported' ? readArgon2(verifier, parameters) : foreign
      return typeof stored === 'string' ? stored : undefined
    },
    close: () => foreignHashes.close(),
    get load() {
      return hashes.load
    }
  }
}

/** A hash of a secret that nobody has; made, and verified once, when the process starts. */
function createDummy(native: Argon2, parameters: Argon2Parameters): Promise<string> {
  const make = async () => {
    const secret = randomBytes(16).toString('base64url')
    const verifier = await native.hash(secret, parameters)
    if (!(await native.verify(verifier, secret))) throw new Error('argon2 does not verify its own hash')
    return verifier
  }
  const made = make()
  // Whoever needs it meets the failure; until then it is nobody's unhandled rejection.
  made.catch(() => undefined)
  return made
}
