import { setTimeout as delay } from 'node:timers/promises'
import { saveRedis } from '../../redis.ts'
import { crashStore } from '../break.ts'
import { fillVictims } from '../fill-up.ts'
import type { Scenario } from '../scenario.ts'

const AGE_MS = 10_000
const DOWN_MS = 1000
const VICTIMS = 90

/** What was begun after the snapshot is gone and nobody's fault: so nothing is begun but what ends sessions. */
export const redisRolledBack: Scenario = {
  name: 'redis-rolled-back',
  fault: `Redis is killed and comes back with a snapshot ${AGE_MS / 1000} s old: no session that was ended since is live again`,
  forMs: 0,
  stores: { redis: ['--appendonly', 'no'] },
  rates: { signIn: 0, register: 0, refresh: 0, changePassword: 0, block: 0, revoke: 6, accessEnded: 40 },
  begin: async (stage) => {
    const { redis } = stage.platform
    // The snapshot knows them as live; they are ended after it.
    await fillVictims(stage, VICTIMS)
    await saveRedis(redis)
    await delay(AGE_MS)
    const restart = await crashStore(redis)
    await delay(DOWN_MS)
    return restart
  },
  check: ({ crowd }) => (crowd.ended.length < AGE_MS / 1000 ? ['hardly anything was ended'] : [])
}
