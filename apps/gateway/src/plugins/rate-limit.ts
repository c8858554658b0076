import fastifyRateLimit from '@fastify/rate-limit'
import { fail } from '@latchkey/contracts/errors'
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { readSource } from '../client-info.ts'
import { CallError } from '../errors.ts'

/** `credentials`: routes that hash, mail or judge a secret. `requests`: others that are worth a limit. */
export type LimitName = 'credentials' | 'requests'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** By which limit a source's requests to this route are counted, together with those to all others of that limit. */
    limit?: LimitName
  }
  interface FastifyInstance {
    /** Refuses a request over the limit before anything else is done for it. */
    limitRequests: Readonly<Record<LimitName, onRequestAsyncHookHandler>>
  }
}

export interface RateLimitOptions {
  /** Requests of one source within a minute. */
  readonly perMinute: Readonly<Record<LimitName, number>>
}

const MINUTE_MS = 60_000
/** Sources known at a time; whoever has more of them is not kept out by a limit for each. */
const MAX_SOURCES = 50_000
const none = { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false }

/**
 * Keeps one source from keeping this process busy. It is counted here, since the gateway has no store: how often a secret
 * may be tried is for the services to say, whichever gateway was asked.
 */
export const rateLimit = fp(
  async (app: FastifyInstance, { perMinute }: RateLimitOptions) => {
    await app.register(fastifyRateLimit, {
      global: false,
      timeWindow: MINUTE_MS,
      cache: MAX_SOURCES,
      keyGenerator: readSource,
      errorResponseBuilder: (_request, { ttl }) =>
        new CallError(fail('too_many_attempts', { retryAfterSeconds: Math.max(1, Math.ceil(ttl / 1000)) })),
      addHeaders: { ...none, 'retry-after': false },
      addHeadersOnExceeding: none
    })
    const limits = {
      credentials: app.rateLimit({ max: perMinute.credentials }),
      requests: app.rateLimit({ max: perMinute.requests })
    }
    app.decorate('limitRequests', limits)
    app.addHook('onRoute', (route) => {
      const limit = route.config?.limit
      if (limit !== undefined) route.onRequest = [limits[limit], ...[route.onRequest ?? []].flat()]
    })
  },
  { name: 'rate-limit', dependencies: ['problem-details'] }
)
