import type { ErrorCode } from '@latchkey/contracts/errors'
import type { VerdictItem } from '@latchkey/contracts/verdict'
import type { Transport } from '@latchkey/messaging/transport'
import type { Metrics } from '@latchkey/runtime/metrics'
import { createVerdictHolder, type VerdictHolder } from '@latchkey/verdicts/holder'
import { registerHolderMetrics, registerTouchMetrics } from '@latchkey/verdicts/metrics'
import { createTouches, createTouchPublisher } from '@latchkey/verdicts/touches'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { createAdmission } from '../admission.ts'
import type { Caller } from '../caller.ts'
import { type TokenParts, verifyParts } from '../token-parts.ts'
import { createLookUp } from '../verdict.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Judges the token that a request presents as its `accessToken` or its `tokenParts`. */
    verdicts: VerdictHolder<Caller, ErrorCode, FastifyRequest>
    /** Has `listen` told of verdicts that no longer hold, once they are not used any more. */
    onVerdictChange(listen: (items: readonly VerdictItem[]) => void): void
  }
  interface FastifyRequest {
    tokenParts: TokenParts | undefined
  }
}

export interface VerdictsOptions {
  readonly transport: Transport
  readonly metrics: Metrics
}

const LOOK_UP_TIMEOUT_MS = 1000

/** Remembers who may act for as long as that is certain, and tells the services of the uses that asked nobody. */
export const verdicts = fp(
  async (app: FastifyInstance, { transport, metrics }: VerdictsOptions) => {
    const { log, services } = app
    app.decorateRequest('tokenParts')
    const touches = createTouches({ publish: createTouchPublisher(transport), log })
    const listeners = new Set<(items: readonly VerdictItem[]) => void>()
    app.decorate('onVerdictChange', (listen: (items: readonly VerdictItem[]) => void) => void listeners.add(listen))
    const holder = createVerdictHolder({
      transport,
      log,
      config: { lookUpTimeoutMs: LOOK_UP_TIMEOUT_MS },
      onUse: (session) => touches.record(session),
      onAnnounced: (items) => {
        for (const listen of listeners) listen(items)
      },
      lookUp: createLookUp({
        session: services.session,
        admit: createAdmission(services.activity),
        nowMs: app.tokenTimeMs,
        verify: (request) =>
          request.tokenParts === undefined
            ? app.verifyAccessToken(request)
            : verifyParts(app, request, request.tokenParts)
      })
    })
    app.decorate('verdicts', holder)
    app.keyRing.onWithdrawn(() => holder.doubtAll())
    registerHolderMetrics(metrics.registry, holder)
    registerTouchMetrics(metrics.registry, touches)
    app.addHook('onReady', async () => holder.start())
    // From here on each request asks, and nobody has to wait for this gateway any more.
    app.addHook('preClose', async () => {
      await holder.stop()
      await touches.stop()
    })
  },
  { name: 'verdicts', dependencies: ['services', 'clock', 'access-tokens'] }
)
