import Type, { type Static } from 'typebox'
import { Nullable, Timestamp } from './ids.ts'

/** What a client holds of a session. */
export const Tokens = Type.Object({
  accessToken: Type.String({ maxLength: 4096 }),
  accessTokenExpiresAt: Timestamp,
  /** `null` for a session whose access token lives as long as itself. */
  refreshToken: Nullable(Type.String({ maxLength: 256 })),
  refreshTokenExpiresAt: Nullable(Timestamp)
})
export type Tokens = Static<typeof Tokens>

/** The header of every access token (RFC 9068), with its members in the order in which they are signed. */
export function createTokenHeader({ alg, kid }: { readonly alg: string; readonly kid: string }) {
  return { alg, typ: 'at+jwt', kid } as const
}
