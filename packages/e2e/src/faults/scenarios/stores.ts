import { configureRedis } from '../../redis.ts'
import { crashStore, freeze, slow } from '../break.ts'
import { KINDS } from '../observed.ts'
import { percentile } from '../percentile.ts'
import type { Scenario } from '../scenario.ts'

const MS = 5000
const LATE_MS = 200
const NEEDING_REDIS = ['access', 'signIn', 'refresh', 'revoke'] as const

export const storeScenarios: readonly Scenario[] = [
  {
    name: 'redis-down',
    fault: 'Redis is killed, and started again with what it had on disk',
    forMs: MS,
    refuses: NEEDING_REDIS,
    begin: ({ platform }) => crashStore(platform.redis)
  },
  {
    name: 'redis-hung',
    fault: 'Redis is frozen: connections stand, nothing is answered',
    forMs: MS,
    refuses: NEEDING_REDIS,
    begin: ({ platform }) => freeze(platform.redis)
  },
  {
    name: 'redis-slow',
    fault: `every answer of Redis takes ${LATE_MS} ms longer`,
    forMs: MS,
    // All of it takes less than anybody waits.
    stays: KINDS,
    begin: ({ platform }) => slow(platform.linksTo('redis'), LATE_MS),
    check: ({ during }) => {
      const signedIn = during.filter(({ kind }) => kind === 'signIn')
      return percentile(signedIn, 50) < LATE_MS ? ['signing in took no longer: the fault did nothing'] : []
    }
  },
  {
    name: 'redis-full',
    fault: 'Redis has no memory left for anything new',
    forMs: MS,
    refuses: ['signIn'],
    begin: async ({ platform: { redis } }) => {
      await configureRedis(redis, 'maxmemory', '1')
      return () => configureRedis(redis, 'maxmemory', '0')
    }
  },
  {
    name: 'nats-down',
    fault: 'NATS is killed, and started again',
    forMs: MS,
    refuses: NEEDING_REDIS,
    begin: ({ platform }) => crashStore(platform.nats)
  },
  {
    name: 'nats-hung',
    fault: 'NATS is frozen: connections stand, nothing is delivered',
    forMs: MS,
    refuses: NEEDING_REDIS,
    begin: ({ platform }) => freeze(platform.nats)
  }
]
