import type { Transport } from '@latchkey/messaging/transport'
import type { ReadinessCheck } from '@latchkey/runtime/health'
import type { FastifyInstance } from 'fastify'

/** The gateway can work while it reaches the bus and knows the keys; whether each service is ready is theirs to say. */
export function createReadinessChecks(app: FastifyInstance, transport: Transport): Record<string, ReadinessCheck> {
  return {
    nats: () => requireThat(transport.state === 'connected'),
    keys: () => requireThat(app.keyRing.published !== undefined)
  }
}

function requireThat(holds: boolean): void {
  if (!holds) throw new Error('not ready')
}
