import { type ErrorCode, fail, ok, type Result } from '@latchkey/contracts/errors'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { createAdmission } from '../admission.ts'
import type { Claims } from '../claims.ts'
import { CallError } from '../errors.ts'
import { type Caller, createVerdict } from '../verdict.ts'

/**
 * Who may call a route. `public`: anybody. `user`: the bearer of a live session. `leaving`: also the bearer of a session
 * that is over, so that signing out twice, or late, does no harm.
 */
export type Access = 'public' | 'user' | 'leaving'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** Errors that this route can meet beside those of its access and its body. */
    errors?: readonly ErrorCode[]
  }
  interface FastifyRequest {
    /** Set on routes for users. */
    caller: Caller
    /** Set on routes for users and for those leaving. */
    claims: Claims
    /** Whether the access token came by cookie. */
    byCookie: boolean
  }
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i

/** Deny by default: a route registered after this plugin that does not say who may call it stops the start. */
export const authentication = fp(
  async (app: FastifyInstance) => {
    const { session, activity } = app.services
    const judge = createVerdict({ session, admit: createAdmission(activity) })
    app.decorateRequest('caller')
    app.decorateRequest('claims')
    app.decorateRequest('byCookie', false)

    async function authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void> {
      const { access } = request.routeOptions.config
      const identified = await identify(app, request)
      if (!identified.ok) throw refuse(app, request, reply, identified)
      request.claims = identified.value
      const judged = await judge(request.claims, request.call)
      if (judged.ok) request.caller = judged.value
      else if (access !== 'leaving' || !isOver(judged.code)) throw refuse(app, request, reply, judged)
    }

    app.addHook('onRoute', (route) => guard(route, authenticate))
  },
  { name: 'authentication', dependencies: ['services', 'cookies', 'access-tokens', 'cross-origin'] }
)

type Authenticate = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

function guard(route: RouteOptions, authenticate: Authenticate): void {
  const access = route.config?.access
  if (access === undefined) throw new Error(`route ${route.method} ${route.url} does not say who may call it`)
  if (access !== 'public') route.onRequest = authenticate
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
  if (request.byCookie && failure.code === 'session_ended') app.sessionCookies.clear(reply)
  return new CallError(failure)
}

async function identify(app: FastifyInstance, request: FastifyRequest): Promise<Result<Claims, ErrorCode>> {
  const token = findToken(app, request)
  if (!token.ok) return token
  if (request.byCookie && !SAFE_METHODS.has(request.method) && !app.originRule.isVouchedFor(request)) {
    return fail('csrf')
  }
  request.accessToken = token.value
  return await app.verifyAccessToken(request)
}

/** A header wins over a cookie, and a bad header is not made good by one. */
function findToken(app: FastifyInstance, request: FastifyRequest): Result<string, ErrorCode> {
  const { authorization } = request.headers
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1]
    return token === undefined ? fail('unauthenticated') : ok(token)
  }
  const found = app.sessionCookies.read(request, 'access')
  if (!found.ok) return found
  if (found.value === undefined) return fail('unauthenticated')
  request.byCookie = true
  return ok(found.value)
}
