import cookie from '@fastify/cookie'
import { failField, ok, type Result } from '@latchkey/contracts/errors'
import type { Tokens } from '@latchkey/contracts/session'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

export type CookieKind = 'access' | 'refresh'

declare module 'fastify' {
  interface FastifyInstance {
    sessionCookies: {
      readonly names: Readonly<Record<CookieKind, string>>
      /** `undefined` if there is none; two of one name are refused, since nobody can say which one is meant. */
      read(request: FastifyRequest, kind: CookieKind): Result<string | undefined, 'invalid_request'>
      set(reply: FastifyReply, tokens: Tokens): void
      clear(reply: FastifyReply): void
    }
  }
}

export interface CookiesOptions {
  readonly publicUrl: string
}

/** No browser keeps a cookie longer than 400 days. */
const MAX_AGE_SECONDS = 400 * 24 * 3600

/**
 * Session cookies: HttpOnly, SameSite=Lax, Secure with the prefixes of RFC 6265bis where the site is https. Both live as
 * long as the refresh token, so that an access token that is over can still be told from none.
 */
export const cookies = fp(
  async (app: FastifyInstance, { publicUrl }: CookiesOptions) => {
    await app.register(cookie, { hook: false })
    const secure = new URL(publicUrl).protocol === 'https:'
    const names = secure
      ? { access: '__Host-latchkey', refresh: '__Secure-latchkey-refresh' }
      : { access: 'latchkey', refresh: 'latchkey-refresh' }
    const attributes = { httpOnly: true, sameSite: 'lax', secure } as const
    const places = {
      access: { ...attributes, path: '/' },
      refresh: { ...attributes, path: '/v1/sessions/refresh' }
    }

    app.decorate('sessionCookies', {
      names,
      read: (request, kind) => readCookie(request.headers.cookie, names[kind]),
      set: (reply, tokens) => {
        const maxAge = findMaxAge(tokens)
        reply.setCookie(names.access, tokens.accessToken, { ...places.access, maxAge })
        if (tokens.refreshToken !== null) {
          reply.setCookie(names.refresh, tokens.refreshToken, { ...places.refresh, maxAge })
        }
      },
      clear: (reply) => {
        reply.clearCookie(names.access, places.access)
        reply.clearCookie(names.refresh, places.refresh)
      }
    })
  },
  { name: 'cookies' }
)

function findMaxAge({ accessTokenExpiresAt, refreshTokenExpiresAt }: Tokens): number {
  const seconds = Math.ceil((Date.parse(refreshTokenExpiresAt ?? accessTokenExpiresAt) - Date.now()) / 1000)
  return Math.min(Math.max(seconds, 0), MAX_AGE_SECONDS)
}

function readCookie(header: string | undefined, name: string): Result<string | undefined, 'invalid_request'> {
  if (header === undefined) return ok(undefined)
  const values = header.split(';').flatMap((pair) => {
    const separator = pair.indexOf('=')
    // Browsers compare the prefixes without regard to case, so a look-alike is as bad as a second one.
    return pair.slice(0, separator).trim().toLowerCase() === name.toLowerCase() ? [pair.trim()] : []
  })
  const [only] = values
  if (only === undefined) return ok(undefined)
  if (values.length > 1 || !only.startsWith(`${name}=`)) {
    return failField('cookie', 'not_exactly_one', 'There is more than one session cookie')
  }
  return ok(only.slice(name.length + 1) || undefined)
}
