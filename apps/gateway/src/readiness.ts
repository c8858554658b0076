import type { Transport } from '@latchkey/messaging/transport'
import { createBusCheck, type HealthOptions } from '@latchkey/runtime/health'
import type { FastifyInstance } from 'fastify'

export type Readiness = Pick<HealthOptions, 'checks' | 'describe'>

/**
 * The gateway can work while it reaches the bus and knows the keys; whether each service is ready is theirs to say, and
 * that it has to ask for each request makes it slower, not unready.
 */
export function createReadiness(app: FastifyInstance, transport: Transport): Readiness {
  return {
    checks: {
      accepting: () => requireThat(!app.draining.isOn),
      nats: createBusCheck(transport),
      keys: () => requireThat(app.keyRing.published !== undefined),
      clock: () => app.clock.check()
    },
    describe: () => ({ verdicts: app.verdicts.state.live ? 'cached' : 'asking' })
  }
}

function requireThat(holds: boolean): void {
  if (!holds) throw new Error('not ready')
}
