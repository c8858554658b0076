import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Metrics } from './metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where this listener shows metrics. */
    metrics?: Metrics
  }
}

/** Resolves when the dependency answers; rejects when it does not. */
export type ReadinessCheck = () => Promise<void> | void

/** A check that there is a connection to the message bus. */
export function createBusCheck(bus: { readonly state: string }): ReadinessCheck {
  return () => {
    if (bus.state !== 'connected') throw new Error(`NATS is ${bus.state}`)
  }
}

export interface HealthOptions {
  readonly checks: Readonly<Record<string, ReadinessCheck>>
  /** What `/readyz` tells besides, which decides nothing. */
  readonly describe?: () => Readonly<Record<string, string>>
  /** Served at `/metrics` when given. */
  readonly metrics?: Metrics
  /** Tell only whether, not what: for a listener that strangers can reach. */
  readonly bare?: boolean
}

const CHECK_TIMEOUT_MS = 1000

/** `/healthz`: the process is up. `/readyz`: it can do its work, since everything it depends on answers. */
export const health = fp(
  async (app: FastifyInstance, { checks, describe, metrics, bare = false }: HealthOptions) => {
    let closing = false
    app.addHook('preClose', async () => {
      closing = true
    })

    app.get('/healthz', async () => ({ status: 'ok' }))

    app.get('/readyz', async (_request, reply) => {
      const results = await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await probe(check)]))
      const ready = !closing && results.every(([, state]) => state === 'ok')
      reply.code(ready ? 200 : 503).header('cache-control', 'no-store')
      const status = ready ? 'ok' : 'unavailable'
      return bare ? { status } : { status, checks: Object.fromEntries(results), ...describe?.() }
    })

    if (metrics === undefined) return
    app.decorate('metrics', metrics)
    app.get('/metrics', async (_request, reply) => {
      reply.type(metrics.registry.contentType)
      return await metrics.registry.metrics()
    })
  },
  { name: 'health' }
)

async function probe(check: ReadinessCheck): Promise<'ok' | 'failing'> {
  const expired = Promise.withResolvers<never>()
  const timer = setTimeout(() => expired.reject(new Error('no answer in time')), CHECK_TIMEOUT_MS)
  try {
    await Promise.race([check(), expired.promise])
    return 'ok'
  } catch {
    return 'failing'
  } finally {
    clearTimeout(timer)
  }
}
