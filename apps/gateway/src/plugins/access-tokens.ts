import fastifyJwt, { type FastifyJWTOptions, type TokenOrHeader } from '@fastify/jwt'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type ClaimRules, type Claims, createClaimsReader, MAX_TOKEN_LENGTH } from '../claims.ts'
import { createKeyRing, type KeyRing } from '../keys.ts'

declare module 'fastify' {
  interface FastifyInstance {
    keyRing: KeyRing
    /** Verifies the signature and the claims of the request's `accessToken`; its expiry is the caller's to judge. */
    verifyAccessToken(request: FastifyRequest): Promise<Result<Claims, 'token_invalid' | 'unavailable'>>
  }
  interface FastifyRequest {
    accessToken: string
  }
}

const FETCH_TIMEOUT_MS = 1000

class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

/** Verifies access tokens (`typ: at+jwt`) by the public keys of the session service; keeps those keys fresh. */
export const accessTokens = fp(
  async (app: FastifyInstance, rules: ClaimRules) => {
    const keyRing = createKeyRing({
      fetch: () => app.services.session.getKeys({}, { requestId: 'key-refresh', timeoutMs: FETCH_TIMEOUT_MS }),
      log: app.log
    })
    app.decorate('keyRing', keyRing)
    app.addHook('onReady', async () => keyRing.start())
    app.addHook('onClose', async () => keyRing.stop())

    app.decorateRequest('accessToken', '')
    await app.register(fastifyJwt, createJwtOptions(keyRing, rules))

    const readClaims = createClaimsReader(rules)
    app.decorate('verifyAccessToken', async (request: FastifyRequest) => {
      if (request.accessToken.length > MAX_TOKEN_LENGTH) return fail('token_invalid')
      try {
        const claims = readClaims(await request.jwtVerify(), app.tokenTimeMs() / 1000)
        return claims === undefined ? fail('token_invalid') : ok(claims)
      } catch (err) {
        // Whatever the library makes of a bad token, its bearer learns only that it is not valid.
        return fail(err instanceof KeysUnavailable ? 'unavailable' : 'token_invalid')
      }
    })
  },
  { name: 'access-tokens', dependencies: ['services', 'clock'] }
)

function createJwtOptions(keyRing: KeyRing, { issuer, audience }: ClaimRules): FastifyJWTOptions {
  return {
    secret: { public: (_request: FastifyRequest, token: TokenOrHeader) => getPem(keyRing, token) },
    decode: { complete: true },
    decoratorName: 'tokenPayload',
    verify: {
      algorithms: ['RS256', 'ES256', 'EdDSA'],
      checkTyp: 'at+jwt',
      requiredClaims: ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp'],
      allowedIss: issuer,
      allowedAud: audience,
      // Times are judged by the clock that tokens are made by, which the library does not know.
      ignoreExpiration: true,
      ignoreNotBefore: true,
      extractToken: (request) => request.accessToken
    }
  }
}

/** The key a token names, if the token uses it with the algorithm it was published for. Throws otherwise. */
async function getPem(keyRing: KeyRing, token: TokenOrHeader): Promise<string> {
  const header: Readonly<Record<string, unknown>> = 'header' in token ? { ...token.header } : { ...token }
  if (typeof header.kid !== 'string' || Object.hasOwn(header, 'crit')) throw new Error('header is not acceptable')
  const found = await keyRing.find(header.kid)
  if (!found.ok) throw new KeysUnavailable()
  if (found.value === undefined || found.value.alg !== header.alg) throw new Error('key is not known')
  return found.value.pem
}
