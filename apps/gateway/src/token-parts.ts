import { type ErrorCode, fail, ok, type Result } from '@latchkey/contracts/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Claims } from './claims.ts'
import { readCookie } from './cookie-header.ts'

/** Names of the cookies that hold an access token, whole or without its header. */
export type TokenCookies = readonly [token: string] | readonly [payload: string, signature: string]

/** An access token without its header, which is known to whoever knows the keys. */
export interface TokenParts {
  readonly payload: string
  readonly signature: string
}

const PART = /^[A-Za-z0-9_-]{1,4096}$/

/** `undefined` where a cookie is missing. */
export function readTokenCookies(
  header: string | undefined,
  [first, second]: TokenCookies
): Result<string | TokenParts | undefined, 'token_invalid'> {
  const token = readCookie(header, first)
  const signature = second === undefined ? undefined : readCookie(header, second)
  if (!token.ok || signature?.ok === false) return fail('token_invalid')
  if (token.value === undefined || signature === undefined) return ok(token.value)
  if (signature.value === undefined) return ok(undefined)
  const parts = { payload: token.value, signature: signature.value }
  return PART.test(parts.payload) && PART.test(parts.signature) ? ok(parts) : fail('token_invalid')
}

/** Verifies with the header of each known key in turn, and of those found by looking again. */
export async function verifyParts(
  { keyRing, verifyAccessToken }: FastifyInstance,
  request: FastifyRequest,
  { payload, signature }: TokenParts
): Promise<Result<Claims, ErrorCode>> {
  const tried = new Set<string>()
  const tryKnown = async (): Promise<Result<Claims, ErrorCode>> => {
    for (const header of keyRing.listHeaders().filter((each) => !tried.has(each))) {
      tried.add(header)
      request.accessToken = `${header}.${payload}.${signature}`
      const verified = await verifyAccessToken(request)
      if (verified.ok || verified.code !== 'token_invalid') return verified
    }
    return fail(keyRing.published === undefined ? 'unavailable' : 'token_invalid')
  }
  const verified = await tryKnown()
  if (verified.ok) return verified
  await keyRing.lookAgain()
  return await tryKnown()
}
