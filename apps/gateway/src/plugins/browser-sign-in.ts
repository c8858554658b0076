import { randomBytes } from 'node:crypto'
import { fail, failField } from '@latchkey/contracts/errors'
import { DeviceId } from '@latchkey/contracts/ids'
import type { Opening } from '@latchkey/contracts/session'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { Compile } from 'typebox/compile'
import { readOpening } from '../client-info.ts'
import { CallError } from '../errors.ts'
import { presentSignedIn, type SignedInParts } from '../present.ts'
import type { CookieKind } from './cookies.ts'

interface RefreshToken {
  readonly token: string
  readonly byCookie: boolean
}

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * A sign-in asked for by a page of another site is refused, and one that sets cookies has to come from a page of an
     * allowed one: nobody may sign a visitor in as somebody else.
     */
    refuseForeignSignIn(request: FastifyRequest): Promise<void>
    /**
     * How a sign-in opens its session. The device is the one the body names; where cookies are wanted and it names none,
     * the one of the device cookie, or a new one.
     */
    openFrom(request: FastifyRequest, body: SignInOptions): Opening
    /**
     * Answers a sign-in: 201 with the tokens in the body or, where `cookies` says so, as cookies. These take the place
     * of earlier ones, so the session of those ends: nobody could reach it any more.
     */
    answerSignedIn(
      request: FastifyRequest,
      reply: FastifyReply,
      signedIn: SignedInParts,
      body: SignInOptions
    ): Promise<ReturnType<typeof presentSignedIn>>
    /** Lets a body be left out where everything in it may come by cookie. */
    acceptEmptyBody(request: FastifyRequest): Promise<void>
    /** The refresh token of the body, else of the cookie; throws when there is none that may be used. */
    readRefreshToken(request: FastifyRequest, given: string | undefined, reply: FastifyReply): RefreshToken
  }
}

interface SignInOptions {
  readonly cookies?: boolean
  readonly deviceId?: string
}

const DEVICE_ID_BYTES = 16
const deviceIds = Compile(DeviceId)

/** What browsers need of the routes that hand out sessions: cookies in, cookies out, and no other site's doing. */
export const browserSignIn = fp(
  async (app: FastifyInstance) => {
    app.decorate('refuseForeignSignIn', async (request: FastifyRequest) => {
      const { originRule } = app
      if (originRule.isForeign(request)) throw new CallError(fail('csrf'))
      if (setsCookies(request.body) && !originRule.isVouchedFor(request)) throw new CallError(fail('csrf'))
    })

    app.decorate('openFrom', (request, { cookies: asCookies = false, deviceId }) =>
      readOpening(request, {
        deviceId: deviceId === undefined && asCookies ? (readDeviceId(app, request) ?? createDeviceId()) : deviceId
      })
    )

    app.decorate('answerSignedIn', async (request, reply, signedIn, { cookies: asCookies = false, deviceId }) => {
      if (asCookies) {
        await endPresented(app, request)
        app.sessionCookies.set(reply, signedIn.tokens)
        const { id } = signedIn.session.device
        if (deviceId === undefined && id !== null) app.sessionCookies.setDevice(reply, id)
      }
      reply.code(201)
      return presentSignedIn(signedIn, { asCookies })
    })

    app.decorate('acceptEmptyBody', async (request: FastifyRequest) => {
      request.body ??= {}
    })

    app.decorate('readRefreshToken', (request, given, reply) => {
      if (given !== undefined) return { token: given, byCookie: false }
      const token = readCookie(app, request, 'refresh')
      const hasAccess = readCookie(app, request, 'access') !== undefined
      if (token === undefined && !hasAccess) {
        throw new CallError(failField('refreshToken', 'required', 'This is required'))
      }
      if (!app.originRule.isVouchedFor(request)) throw new CallError(fail('csrf'))
      if (token !== undefined) return { token, byCookie: true }
      app.sessionCookies.clear(reply)
      throw new CallError(fail('refresh_invalid'))
    })
  },
  { name: 'browser-sign-in', dependencies: ['cookies', 'cross-origin', 'services', 'access-tokens'] }
)

function setsCookies(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'cookies' in body && body.cookies === true
}

function createDeviceId(): string {
  return randomBytes(DEVICE_ID_BYTES).toString('base64url')
}

/** A value that is no id was not set here: the browser gets a new one. */
function readDeviceId(app: FastifyInstance, request: FastifyRequest): string | undefined {
  const value = readCookie(app, request, 'device')
  return deviceIds.Check(value) ? value : undefined
}

function readCookie(app: FastifyInstance, request: FastifyRequest, kind: CookieKind): string | undefined {
  const found = app.sessionCookies.read(request, kind)
  if (!found.ok) throw new CallError(found)
  return found.value
}

/** What it cannot end stays listed and ends by itself; that is no reason to refuse the sign-in. */
async function endPresented(app: FastifyInstance, request: FastifyRequest): Promise<void> {
  const presented = app.sessionCookies.read(request, 'access')
  if (!presented.ok || presented.value === undefined) return
  request.accessToken = presented.value
  const verified = await app.verifyAccessToken(request)
  if (!verified.ok) return
  const { sub: userId, sid: sessionId } = verified.value
  await app.services.session.end({ userId, sessionId, reason: 'replaced' }, request.call)
}
