import type { Transport } from '@latchkey/messaging/transport'
import type { RedisClient } from '@latchkey/redis/client'
import { checkMemoryPolicy } from '@latchkey/redis/memory-policy'
import { createBusCheck, type HealthOptions } from '@latchkey/runtime/health'
import type { OpenedStore } from './open-store.ts'

/** What has to answer before the service can do its work. */
export function createReadinessChecks(
  redis: RedisClient,
  transport: Transport,
  { recovery, clock }: Pick<OpenedStore, 'recovery' | 'clock'>
): HealthOptions['checks'] {
  return {
    redis: () => checkMemoryPolicy(redis),
    store: async () => recovery.check(),
    clock: () => clock.check(),
    nats: createBusCheck(transport)
  }
}
