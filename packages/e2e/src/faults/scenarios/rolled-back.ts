import { setTimeout as delay } from 'node:timers/promises'
import { signInAccount } from '../../history/account.ts'
import { saveRedis } from '../../redis.ts'
import { crashStore } from '../break.ts'
import type { Scenario, Stage } from '../scenario.ts'

const AGE_MS = 10_000
const DOWN_MS = 1000
const VICTIMS = 90
const AT_ONCE = 6

/** Sessions that the snapshot knows as live, and that are ended after it. */
async function openVictims({ platform, crowd, random }: Stage): Promise<void> {
  const next = async () => {
    while (crowd.victims.length < VICTIMS) {
      const person = random.pick(crowd.signers)
      const { session } = await signInAccount(random.pick(platform.gateways), person)
      if (session !== undefined) crowd.victims.push({ person, session, endBegun: undefined })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
}

/** What was begun after the snapshot is gone and nobody's fault: so nothing is begun but what ends sessions. */
export const redisRolledBack: Scenario = {
  name: 'redis-rolled-back',
  fault: `Redis is killed and comes back with a snapshot ${AGE_MS / 1000} s old: no session that was ended since is live again`,
  forMs: 0,
  stores: { redis: ['--appendonly', 'no'] },
  rates: { signIn: 0, register: 0, refresh: 0, changePassword: 0, block: 0, revoke: 6, accessEnded: 40 },
  begin: async (stage) => {
    const { redis } = stage.platform
    await openVictims(stage)
    await saveRedis(redis)
    await delay(AGE_MS)
    const restart = await crashStore(redis)
    await delay(DOWN_MS)
    return restart
  },
  check: ({ crowd }) => (crowd.ended.length < AGE_MS / 1000 ? ['hardly anything was ended'] : [])
}
