import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Keeps what the database holds from whoever has the database alone: AES-256-GCM. */
export interface Sealing {
  /** `context` is not in the result, and has to be the same again to open it. */
  seal(plain: Buffer, context: string): Buffer
  /** Throws for anything but what was sealed under one of the secrets and the same context. */
  open(sealed: Buffer, context: string): Buffer
  /** The same anew under the present secret; `undefined` for what is so already. Throws as `open` does. */
  renew(sealed: Buffer, context: string): Buffer | undefined
}

type SealingKey = Pick<Sealing, 'seal' | 'open'>

const CIPHER = 'aes-256-gcm'
/** The first byte, so that another form can be told from this one. */
const FORM = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEADER_BYTES = 1 + NONCE_BYTES + TAG_BYTES

/**
 * Seals under the present secret and opens what was sealed under a former one as well. `purpose` sets the keys apart from
 * others that are made of the same secrets.
 */
export function createSealing(secret: string, purpose: string, former: readonly string[] = []): Sealing {
  const present = createKey(secret, purpose)
  const others = former.map((each) => createKey(each, purpose))
  const openFormer = (sealed: Buffer, context: string): Buffer => {
    for (const { open } of others) {
      try {
        return open(sealed, context)
      } catch {
        // Sealed under another one, perhaps.
      }
    }
    throw new Error('not sealed under a known secret')
  }
  return {
    seal: present.seal,
    open: (sealed, context) => {
      try {
        return present.open(sealed, context)
      } catch {
        return openFormer(sealed, context)
      }
    },
    renew: (sealed, context) => {
      try {
        present.open(sealed, context)
        return undefined
      } catch {
        return present.seal(openFormer(sealed, context), context)
      }
    }
  }
}

function createKey(secret: string, purpose: string): SealingKey {
  const key = Buffer.from(hkdfSync('sha256', secret, '', purpose, 32))
  return {
    seal: (plain, context) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context))
      const text = Buffer.concat([cipher.update(plain), cipher.final()])
      return Buffer.concat([Buffer.of(FORM), nonce, cipher.getAuthTag(), text])
    },
    open: (sealed, context) => {
      if (sealed[0] !== FORM || sealed.length < HEADER_BYTES) throw new Error('not sealed in a known form')
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(context))
        .setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEADER_BYTES))
      return Buffer.concat([decipher.update(sealed.subarray(HEADER_BYTES)), decipher.final()])
    }
  }
}
