import type { Transport } from '@latchkey/messaging/transport'
import type { RedisClient } from '@latchkey/redis/client'
import { checkMemoryPolicy } from '@latchkey/redis/memory-policy'
import { createBusCheck, type HealthOptions } from '@latchkey/runtime/health'
import type { StoreClock } from '@latchkey/runtime/store-clock'

/** What this service needs to do its work. */
export function createReadinessChecks(
  redis: RedisClient,
  transport: Transport,
  clock: Pick<StoreClock, 'check'>
): HealthOptions['checks'] {
  return { redis: () => checkMemoryPolicy(redis), nats: createBusCheck(transport), clock: () => clock.check() }
}
