import cookie, { type CookieSerializeOptions } from '@fastify/cookie'
import type { Result } from '@latchkey/contracts/errors'
import type { Tokens } from '@latchkey/contracts/tokens'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { readCookie } from '../cookie-header.ts'

export type CookieKind = 'access' | 'refresh' | 'device'

declare module 'fastify' {
  interface FastifyInstance {
    sessionCookies: {
      readonly names: Readonly<Record<CookieKind, string>>
      /** `undefined` if there is none; two of one name are refused, since nobody can say which one is meant. */
      read(request: FastifyRequest, kind: CookieKind): Result<string | undefined, 'invalid_request'>
      set(reply: FastifyReply, tokens: Tokens): void
      /** Lets the browser know again which device it is: signing out does not make it another one. */
      setDevice(reply: FastifyReply, deviceId: string): void
      /** Of the session; the device stays what it is. */
      clear(reply: FastifyReply): void
    }
    /** Of cookies that carry anything secret for the whole site. */
    secretCookie: CookieSerializeOptions
  }
}

export interface CookiesOptions {
  readonly publicUrl: string
  readonly production: boolean
}

/** No browser keeps a cookie longer than 400 days. */
const MAX_AGE_SECONDS = 400 * 24 * 3600

/**
 * Session cookies: HttpOnly, SameSite=Lax, Secure with the prefixes of RFC 6265bis where the site is https. Both live as
 * long as the refresh token, so that an access token that is over can still be told from none. A third one outlives them:
 * the random id by which a browser is known again, whatever becomes of its version and its address.
 */
export const cookies = fp(
  async (app: FastifyInstance, { publicUrl, production }: CookiesOptions) => {
    await app.register(cookie, { hook: false })
    const secure = new URL(publicUrl).protocol === 'https:'
    const names = secure
      ? { access: '__Host-latchkey', refresh: '__Secure-latchkey-refresh', device: '__Host-latchkey-device' }
      : { access: 'latchkey', refresh: 'latchkey-refresh', device: 'latchkey-device' }
    const attributes = { httpOnly: true, sameSite: 'lax', secure } as const
    const places = {
      access: { ...attributes, path: '/' },
      refresh: { ...attributes, path: '/v1/sessions/refresh' }
    }

    app.decorate('secretCookie', { httpOnly: true, sameSite: 'lax', secure: secure || production, path: '/' })
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
      setDevice: (reply, deviceId) => {
        reply.setCookie(names.device, deviceId, { ...places.access, maxAge: MAX_AGE_SECONDS })
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
