import { randomBytes } from 'node:crypto'
import { activityContract } from '@latchkey/contracts/activity'
import { sessionContract } from '@latchkey/contracts/session'
import { sessionAdminContract } from '@latchkey/contracts/session-admin'
import { nameDevice } from '@latchkey/device-name/name-device'
import { createClient } from '@latchkey/messaging/client'
import { serve } from '@latchkey/messaging/server'
import type { Subscription, Transport } from '@latchkey/messaging/transport'
import { redis } from '@latchkey/redis/plugin'
import { registerDependencyMetrics } from '@latchkey/runtime/dependency-metrics'
import { health } from '@latchkey/runtime/health'
import { createMetrics } from '@latchkey/runtime/metrics'
import { createProbeServer } from '@latchkey/runtime/probe-server'
import type { AppOptions } from '@latchkey/runtime/start'
import type { FastifyInstance } from 'fastify'
import { openAdministration } from './administration.ts'
import { type Config, getTokenClaims } from './config.ts'
import { createHandlers, createTouchListener } from './handlers.ts'
import { openConfiguredKeyRing } from './open-keys.ts'
import { openStore } from './open-store.ts'
import { createReadinessChecks } from './readiness.ts'
import { createRefreshTokens } from './refresh-tokens.ts'
import { createSessionStore } from './store/sessions.ts'
import { createAccessTokens } from './tokens.ts'
import { createUntilRecorded } from './until-recorded.ts'
import { createVerdicts } from './verdicts.ts'

/** The session service: answers its contract from `ready` until `close`. Throws `ConfigError` without a signing key. */
export async function buildApp({ config, transport, logger }: AppOptions<Config, Transport>): Promise<FastifyInstance> {
  const keys = await openConfiguredKeyRing(config, logger)
  const app = createProbeServer(logger)
  const metrics = createMetrics('session')
  const store = openStore({ config, transport, registry: metrics.registry, logger })
  const { redis: client } = store
  await app.register(redis, { client })
  await app.register(health, { checks: createReadinessChecks(client, transport, store), metrics })

  registerDependencyMetrics(metrics.registry, { bus: transport, redis: client, outbox: store.outbox })
  const sessions = createSessionStore(store.options)
  const administration = openAdministration(store.options)
  const { noteAnnounced: onAnnounced } = administration
  const leaseMs = config.VERDICT_LEASE
  const verdicts = createVerdicts({ redis: client, transport, log: logger, metrics, leaseMs, onAnnounced })
  const handlers = createHandlers({
    sessions,
    announce: verdicts.announce,
    untilRecorded: createUntilRecorded(config.END_DURABILITY, store.outbox, sessions),
    lifetimes: store.options.lifetimes,
    policy: config.SESSION_POLICY,
    accessTokens: createAccessTokens({ getSigningKey: keys.getSigningKey, ...getTokenClaims(config) }),
    accessTokenTtlMs: config.ACCESS_TOKEN_TTL * 1000,
    refreshTokens: createRefreshTokens(config.REFRESH_SECRET),
    createSecret: () => randomBytes(24).toString('base64url'),
    nameDevice,
    activity: createClient(activityContract, transport, logger, { observe: metrics.observeClientCall }),
    keys,
    clock: store.clock,
    log: logger
  })

  let subscriptions: readonly Subscription[] = []
  app.addHook('onReady', async () => {
    const options = { transport, queue: 'session', log: logger, observe: metrics.observeCall }
    subscriptions = [
      serve(sessionContract, handlers, options),
      serve(sessionAdminContract, administration.createHandlers(verdicts.announceShards), options),
      ...verdicts.serve(createTouchListener({ sessions }))
    ]
  })
  app.addHook('preClose', async () => {
    await Promise.all(subscriptions.map((subscription) => subscription.drain()))
    await verdicts.stop()
    await administration.stop()
    await store.stop()
    keys.stop()
  })
  return app
}
