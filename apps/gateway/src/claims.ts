import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'

/** What a verified access token says (RFC 9068). Times in seconds. */
export interface Claims {
  readonly sub: string
  readonly sid: string
  readonly exp: number
}

/** A longer token is none of ours, and is not even looked at. */
export const MAX_TOKEN_LENGTH = 4096

export interface ClaimRules {
  readonly issuer: string
  readonly audience: string
  readonly accessTokenTtlSeconds: number
}

/** How far the clocks of two machines may be apart. */
const TOLERANCE_SECONDS = 5

/**
 * Reads the claims of a token whose signature has been verified: every one required, of its exact type, issuer and
 * audience as single strings. `undefined` if anything is amiss. Expiry is the caller's to judge.
 */
export function createClaimsReader({ issuer, audience, accessTokenTtlSeconds }: ClaimRules) {
  const Payload = Type.Object({
    iss: Type.Literal(issuer),
    aud: Type.Literal(audience),
    sub: Type.String({ minLength: 1, maxLength: 64 }),
    sid: Type.String({ minLength: 1, maxLength: 128 }),
    jti: Type.String({ minLength: 1, maxLength: 128 }),
    iat: Type.Integer({ minimum: 0 }),
    exp: Type.Integer({ minimum: 0 }),
    nbf: Type.Optional(Type.Number()),
    /** For others to read: the gateway goes by the role of the verdict, which is the one of now. */
    role: Type.Optional(Type.String({ maxLength: 20 })),
    life: Type.Optional(Type.Literal('session'))
  })
  const validator = Compile(Payload)

  return (payload: unknown, nowSeconds: number): Claims | undefined => {
    if (!validator.Check(payload)) return undefined
    return isTimely(payload, nowSeconds, accessTokenTtlSeconds) ? payload : undefined
  }

  function isTimely({ iat, exp, nbf, life }: Static<typeof Payload>, nowSeconds: number, ttlSeconds: number): boolean {
    if (iat > nowSeconds + TOLERANCE_SECONDS) return false
    if (nbf !== undefined && nbf > nowSeconds + TOLERANCE_SECONDS) return false
    return exp > iat && (life === 'session' || exp - iat <= ttlSeconds + TOLERANCE_SECONDS)
  }
}
