import type { Transport } from '@latchkey/messaging/transport'
import type { RedisClient } from '@latchkey/redis/client'
import { createBusCheck, type HealthOptions } from '@latchkey/runtime/health'
import type { StoreClock } from '@latchkey/runtime/store-clock'

/** What this service needs to do its work. */
export function createReadinessChecks(
  redis: RedisClient,
  transport: Transport,
  clock: Pick<StoreClock, 'check'>
): HealthOptions['checks'] {
  return { redis: () => checkRedis(redis), nats: createBusCheck(transport), clock: () => clock.check() }
}

/** Blocks and last-seen are no cache: a server that may evict them is not one to work with. */
async function checkRedis(redis: RedisClient): Promise<void> {
  const memory = await redis.info('memory')
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1]
  if (policy !== undefined && policy !== 'noeviction') throw new Error(`maxmemory-policy is ${policy}`)
}
