import { randomBytes } from 'node:crypto'
import fastifyJwt from '@fastify/jwt'
import { createTokenHeader } from '@latchkey/contracts/tokens'
import Fastify from 'fastify'
import type { AccessTokenClaims, AccessTokens } from './domain/access-tokens.ts'
import type { SigningKey } from './key-files.ts'

export interface AccessTokenOptions {
  readonly getSigningKey: () => SigningKey
  readonly issuer: string
  readonly audience: string
}

type Sign = (claims: object) => string

/** Signs access tokens (RFC 9068) with the key whose turn it is. */
export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const signers = new WeakMap<SigningKey, Promise<Sign>>()
  const findSigner = (key: SigningKey): Promise<Sign> => {
    const known = signers.get(key)
    if (known !== undefined) return known
    const signer = createSigner(key)
    signers.set(key, signer)
    return signer
  }

  return {
    issue: async (claims) => {
      const sign = await findSigner(options.getSigningKey())
      const payload = createPayload(claims, options)
      return { token: sign(payload), expiresAtMs: payload.exp * 1000 }
    },
    encodePayload: (claims) => Buffer.from(JSON.stringify(createPayload(claims, options))).toString('base64url')
  }
}

/**
 * One instance of the plugin per key: options given with each call would make it build a signer, and parse the
 * private key, at each call.
 */
async function createSigner(key: SigningKey): Promise<Sign> {
  const app = Fastify()
  await app.register(fastifyJwt, {
    secret: { private: key.privatePem, public: key.publicPem },
    sign: { algorithm: key.alg, header: createTokenHeader(key) }
  })
  await app.ready()
  return (claims) => app.jwt.sign(claims)
}

/** The members in the order in which they are signed. */
function createPayload(
  { userId, sessionId, issuedAtMs, expiresAtMs, isForSession, isFirst, role }: AccessTokenClaims,
  { issuer, audience }: AccessTokenOptions
) {
  return {
    iss: issuer,
    aud: audience,
    sub: userId,
    sid: sessionId,
    jti: isFirst ? sessionId : randomBytes(16).toString('base64url'),
    iat: Math.floor(issuedAtMs / 1000),
    exp: Math.floor(expiresAtMs / 1000),
    ...(role === undefined ? {} : { role }),
    ...(isForSession ? { life: 'session' } : {})
  }
}
