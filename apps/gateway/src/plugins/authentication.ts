import { type ErrorCode, fail, ok, type Result } from '@latchkey/contracts/errors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Access } from '../access.ts'
import { isChange } from '../call.ts'
import type { Caller } from '../caller.ts'
import { type Claims, MAX_TOKEN_LENGTH } from '../claims.ts'
import { CallError } from '../errors.ts'
import { readTokenCookies, type TokenCookies, type TokenParts } from '../token-parts.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /**
     * Cookies that this route takes the token from instead of the platform's: one with all of it, or two with its
     * payload and its signature.
     */
    tokenCookies?: TokenCookies
    /** Set on a change that may rest on a kept verdict as reading does, since it does no more than end one session. */
    restsOnKept?: true
    /** Errors that this route can meet beside those of its access and its body. */
    errors?: readonly ErrorCode[]
  }
  interface FastifyRequest {
    /** Set on routes for users. */
    caller: Caller
    /** Set where the token was verified for this very request: always on routes for those leaving. */
    claims: Claims
    /** Whether the access token came by cookie. */
    byCookie: boolean
  }
}

const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i

/**
 * Deny by default: a route registered after this plugin that does not say who may call it stops the start. What a route
 * only reads may rest on a verdict that is kept; what it changes, or only an admin may see, does not unless it says so.
 */
export const authentication = fp(
  async (app: FastifyInstance) => {
    app.decorateRequest('caller')
    app.decorateRequest('claims')
    app.decorateRequest('byCookie', false)
    app.addHook('onRoute', (route) => {
      const access = route.config?.access
      if (access === undefined) throw new Error(`route ${route.method} ${route.url} does not say who may call it`)
      if (access === 'public') return
      const changes = [route.method].flat().some(isChange)
      const fresh = access === 'admin' || (changes && route.config?.restsOnKept !== true)
      route.onRequest = [...[route.onRequest ?? []].flat(), createGuard(app, access, fresh)]
    })
  },
  { name: 'authentication', dependencies: ['services', 'cookies', 'verdicts', 'cross-origin'] }
)

type Done = (err?: Error) => void
type Guard = (request: FastifyRequest, reply: FastifyReply, done: Done) => void

/** With a verdict that is kept it is done before it returns: no promise, no look at the signature. */
function createGuard(app: FastifyInstance, access: Access, fresh: boolean): Guard {
  const { verdicts, clock } = app

  function settle(request: FastifyRequest, reply: FastifyReply, judged: Result<Caller, ErrorCode>, done: Done): void {
    if (judged.ok) {
      request.caller = judged.value
      done(mayAct(judged.value, access) ? undefined : new CallError(fail('forbidden')))
      return
    }
    const mayPass = access === 'leaving' && isOver(judged.code)
    done(mayPass ? undefined : refuse(app, request, reply, judged))
  }

  return (request, reply, done) => {
    const token = present(app, request)
    if (!token.ok) {
      done(refuse(app, request, reply, token))
      return
    }
    const activity = request.headers['latchkey-background'] !== '1'
    const judged = fresh
      ? verdicts.judgeAfresh(token.value, activity, request)
      : verdicts.judge(token.value, activity, request)
    if (judged instanceof Promise) {
      judged.then((answer) => settle(request, reply, answer, done)).catch(done)
      return
    }
    if (activity && judged.ok) judged.value.use(clock.nowMs())
    settle(request, reply, judged, done)
  }
}

function mayAct({ user }: Caller, access: Access): boolean {
  return access !== 'admin' || user.role === 'admin'
}

function isOver(code: ErrorCode): boolean {
  return code === 'token_expired' || code === 'session_ended'
}

/** A session that has ended will not come back: a browser is told to forget it. A mere fault is no reason to. */
function refuse(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  failure: Exclude<Result<never, ErrorCode>, { ok: true }>
): CallError {
  const isOurCookie = request.byCookie && request.routeOptions.config.tokenCookies === undefined
  if (isOurCookie && failure.code === 'session_ended') app.sessionCookies.clear(reply)
  return new CallError(failure)
}

/** Puts what the request presents where it can be verified, and gives it as one text. */
function present(app: FastifyInstance, request: FastifyRequest): Result<string, ErrorCode> {
  const presented = findToken(app, request)
  if (!presented.ok) return presented
  if (request.byCookie && isChange(request.method) && !isOwnRequest(app, request)) return fail('csrf')

  const token = presented.value
  if (typeof token !== 'string') {
    request.tokenParts = token
    // Neither a header nor a cookie can hold this separator, so that nobody passes off the one kind as the other.
    return ok(`${token.payload};${token.signature}`)
  }
  // What is refused is remembered for a while: nothing longer than a token can be.
  if (token.length > MAX_TOKEN_LENGTH) return fail('token_invalid')
  request.accessToken = token
  return ok(token)
}

/** Older clients know of no proof that a browser could give, so of theirs only what is marked as foreign is refused. */
function isOwnRequest({ originRule }: FastifyInstance, request: FastifyRequest): boolean {
  const { tokenCookies } = request.routeOptions.config
  return tokenCookies === undefined ? originRule.isVouchedFor(request) : !originRule.isForeign(request)
}

/** A header wins over a cookie, and a bad header is not made good by one. */
function findToken(app: FastifyInstance, request: FastifyRequest): Result<string | TokenParts, ErrorCode> {
  const { authorization, cookie } = request.headers
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1]
    return token === undefined ? fail('unauthenticated') : ok(token)
  }
  const { tokenCookies } = request.routeOptions.config
  const found =
    tokenCookies === undefined ? app.sessionCookies.read(request, 'access') : readTokenCookies(cookie, tokenCookies)
  if (!found.ok) return found
  if (found.value === undefined) return fail('unauthenticated')
  request.byCookie = true
  return ok(found.value)
}
