import type { SessionReference } from './references.ts'

/** A refresh token that is ours by its seal. Whether it is still good, only the store knows. */
export interface SealedToken extends SessionReference {
  readonly counter: number
  readonly hash: Buffer
  readonly successor: { readonly token: string; readonly hash: Buffer }
}

export interface RefreshTokens {
  /** The first token of a session. */
  create(reference: SessionReference): { readonly token: string; readonly hash: Buffer }
  /** `undefined` for what is not a token of ours. */
  read(token: string): SealedToken | undefined
}
