import type { Transport } from '@latchkey/messaging/transport'
import { registerDependencyMetrics } from '@latchkey/runtime/dependency-metrics'
import { health } from '@latchkey/runtime/health'
import { createMetrics } from '@latchkey/runtime/metrics'
import type { AppOptions } from '@latchkey/runtime/start'
import type { FastifyInstance } from 'fastify'
import { type Config, getRateLimits } from './config.ts'
import { interfaces } from './interfaces.ts'
import { accessTokens } from './plugins/access-tokens.ts'
import { authentication } from './plugins/authentication.ts'
import { browserSignIn } from './plugins/browser-sign-in.ts'
import { clock } from './plugins/clock.ts'
import { cookies } from './plugins/cookies.ts'
import { crossOrigin } from './plugins/cross-origin.ts'
import { draining } from './plugins/draining.ts'
import { expressLane } from './plugins/express-lane.ts'
import { framing } from './plugins/framing.ts'
import { jsonBody } from './plugins/json-body.ts'
import { liveEvents } from './plugins/live-events.ts'
import { management } from './plugins/management.ts'
import { notFound } from './plugins/not-found.ts'
import { openapi } from './plugins/openapi.ts'
import { pressure } from './plugins/pressure.ts'
import { problemDetails } from './plugins/problem-details.ts'
import { rateLimit } from './plugins/rate-limit.ts'
import { requestLog } from './plugins/request-log.ts'
import { securityHeaders } from './plugins/security-headers.ts'
import { services } from './plugins/services.ts'
import { verdicts } from './plugins/verdicts.ts'
import { createReadiness } from './readiness.ts'
import { createServer } from './server.ts'

/** Far beyond what any request costs: a process in such a state is of no use to those who wait. */
const MAX_LOOP_DELAY_MS = 1000

/** The gateway, wired: it keeps nothing that it could not find out again, and leaves the transport open that it was handed. */
export async function buildApp({ config, transport, logger }: AppOptions<Config, Transport>): Promise<FastifyInstance> {
  const app = createServer({ logger, trustedProxies: config.TRUSTED_PROXIES })
  const { PUBLIC_URL: publicUrl } = config
  const production = config.NODE_ENV === 'production'
  const metrics = createMetrics('gateway')
  registerDependencyMetrics(metrics.registry, { bus: transport })

  await app.register(draining, { delayMs: config.DRAIN_DELAY })
  await app.register(problemDetails)
  await app.register(rateLimit, { perMinute: getRateLimits(config) })
  await app.register(notFound)
  await app.register(requestLog, { metrics })
  await app.register(pressure, { maxLoopDelayMs: MAX_LOOP_DELAY_MS })
  await app.register(securityHeaders, { production })
  await app.register(framing)
  await app.register(crossOrigin, { publicUrl, allowedOrigins: config.ALLOWED_ORIGINS })
  await app.register(jsonBody)
  await app.register(cookies, { publicUrl, production })
  await app.register(services, { transport, metrics })
  await app.register(clock, { toleranceMs: config.CLOCK_TOLERANCE * 1000 })
  await app.register(accessTokens, {
    issuer: config.TOKEN_ISSUER,
    audience: config.TOKEN_AUDIENCE,
    accessTokenTtlSeconds: config.ACCESS_TOKEN_TTL
  })
  await app.register(verdicts, { transport, metrics })
  await app.register(liveEvents, { transport })
  await app.register(expressLane, { metrics })
  await app.register(browserSignIn)

  // What is registered up to here is for machines and developers; every route after `authentication` says who may call.
  const readiness = createReadiness(app, transport)
  await app.register(health, production ? { ...readiness, bare: true } : { ...readiness, metrics })
  await app.register(openapi, { publicUrl, dialects: config.DIALECTS, public: !production })
  if (config.GATEWAY_MANAGEMENT_PORT !== undefined) {
    const { GATEWAY_HOST: host, GATEWAY_MANAGEMENT_PORT: port } = config
    await app.register(management, { logger, host, port, metrics, readiness })
  }

  await app.register(authentication)
  const serviceKey = production ? config.SERVICE_KEY : undefined
  await app.register(interfaces, { dialects: config.DIALECTS, serviceKey })
  return app
}
