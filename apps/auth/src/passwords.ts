import { randomBytes } from 'node:crypto'
import * as argon2 from 'argon2'
import type { Passwords } from './domain/ports.ts'
import { createHashQueue, type HashQueueOptions } from './hash-queue.ts'
import { type Argon2Parameters, isWeaker, orderParameters, readVerifier, TAG_BYTES } from './verifiers.ts'

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
}

const nativeArgon2: Argon2 = {
  hash: async (password, { memoryKib, passes, parallelism }) => {
    const costs = { memoryCost: memoryKib, timeCost: passes, parallelism }
    return orderParameters(await argon2.hash(password, { type: argon2.argon2id, ...costs, hashLength: TAG_BYTES }))
  },
  verify: (verifier, password) => argon2.verify(verifier, password)
}

/** argon2id behind a bounded queue. Passwords are handed in normalised and within their limits. */
export function createPasswords({
  parameters,
  queue,
  argon2: native = nativeArgon2
}: PasswordsOptions): CheckedPasswords {
  const hashes = createHashQueue(queue)
  const dummy = createDummy(native, parameters)

  /** As expensive as a right verifier, and never right. */
  const verifyDummy = async (password: string) => {
    await native.verify(await dummy, password)
    return { matches: false, outdated: false }
  }

  const verify = async (password: string, verifier: string | undefined) => {
    const stored = verifier === undefined ? undefined : readVerifier(verifier, parameters)
    if (verifier === undefined || stored === undefined) return await verifyDummy(password)
    const outdated = isWeaker(stored, parameters)
    const matches = await native.verify(verifier, password)
    // A weaker verifier answers sooner, which would tell that the user exists.
    if (!matches && outdated) await verifyDummy(password)
    return { matches, outdated: matches && outdated }
  }

  return {
    hash: (password, deadline) => hashes.run(() => native.hash(password, parameters), deadline),
    verify: (password, verifier, deadline) => hashes.run(() => verify(password, verifier), deadline),
    check: async () => {
      await dummy
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
