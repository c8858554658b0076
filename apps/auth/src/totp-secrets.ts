import { Secret, TOTP } from 'otpauth'
import type { TotpSecrets } from './domain/factor-ports.ts'
import { createSealing, type Sealing } from './sealing.ts'

export interface TotpSecretsOptions {
  /** What the secrets are sealed under. */
  readonly sealingSecret: string
  /** What they were sealed under before: they are opened, and no more than that. */
  readonly formerSecrets: readonly string[]
  /** What authenticator apps call us. */
  readonly issuer: string
}

/** What every authenticator app can do, whatever a QR code asks for. */
const TOTP_RULES = { algorithm: 'SHA1', digits: 6, period: 30 } as const
const SECRET_BYTES = 20
/** Clocks of phones are seldom further off than one step. */
const WINDOW_STEPS = 1

/** How secrets of authenticator apps are kept; the context is the id of their user. */
export function createTotpSealing(secret: string, former: readonly string[]): Sealing {
  return createSealing(secret, 'latchkey totp secret', former)
}

export function createTotpSecrets({ sealingSecret, formerSecrets, issuer }: TotpSecretsOptions): TotpSecrets {
  const sealing = createTotpSealing(sealingSecret, formerSecrets)
  return {
    create: (userId, account) => {
      const secret = new Secret({ size: SECRET_BYTES })
      const totp = new TOTP({ ...TOTP_RULES, issuer, label: account, secret })
      const sealed = sealing.seal(Buffer.from(secret.bytes), userId)
      return { secret: secret.base32, otpauthUri: totp.toString(), sealed }
    },
    findStep: (sealed, { userId, code, nowMs }) => {
      const token = code.replaceAll(/[\s-]/g, '')
      if (!/^\d{6}$/.test(token)) return undefined
      const secret = new Secret({ buffer: Uint8Array.from(sealing.open(sealed, userId)).buffer })
      const offset = TOTP.validate({ ...TOTP_RULES, token, secret, timestamp: nowMs, window: WINDOW_STEPS })
      return offset === null ? undefined : TOTP.counter({ period: TOTP_RULES.period, timestamp: nowMs }) + offset
    }
  }
}
