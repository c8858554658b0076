import type { Role } from '@latchkey/contracts/ids'
import type { SessionReference } from './references.ts'

export interface AccessTokenClaims extends SessionReference {
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  /** The token lives as long as its session. */
  readonly isForSession: boolean
  /** `undefined` where a token lives too long to name it, or it is not known. */
  readonly role: Role | undefined
  /** The token its session was opened with: nothing in it is left to chance. */
  readonly isFirst: boolean
}

/** Expiry is in whole seconds, never later than asked for. */
export interface AccessTokens {
  issue(claims: AccessTokenClaims): Promise<{ readonly token: string; readonly expiresAtMs: number }>
  /** The payload part of a session's first token. */
  encodePayload(claims: AccessTokenClaims & { readonly isFirst: true }): string
}
