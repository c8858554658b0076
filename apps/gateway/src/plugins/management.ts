import { health } from '@latchkey/runtime/health'
import type { Logger } from '@latchkey/runtime/logger'
import type { Metrics } from '@latchkey/runtime/metrics'
import { createProbeServer } from '@latchkey/runtime/probe-server'
import { hangUpIdle } from '@latchkey/runtime/start'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Readiness } from '../readiness.ts'

export interface ManagementOptions {
  readonly logger: Logger
  readonly host: string
  readonly port: number
  readonly metrics: Metrics
  readonly readiness: Readiness
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Where operators look: health in detail, metrics, the API's description. */
    management: FastifyInstance
  }
}

/** A second listener, for operators only, that opens and closes with the public one. */
export const management = fp(
  async (app: FastifyInstance, { logger, host, port, metrics, readiness }: ManagementOptions) => {
    const second = createProbeServer(logger)
    hangUpIdle(second)
    await second.register(health, { ...readiness, metrics })
    second.get('/openapi.json', async () => app.swagger())
    app.decorate('management', second)
    app.addHook('onListen', async () => {
      await second.listen({ host, port })
    })
    app.addHook('onClose', async () => {
      await second.close()
    })
  },
  { name: 'management' }
)
