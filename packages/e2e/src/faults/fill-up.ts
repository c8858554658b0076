import { setTimeout as delay } from 'node:timers/promises'
import { registerAccount, signInAccount } from '../history/account.ts'
import type { GatewayClient } from '../history/gateway-client.ts'
import type { Crowd } from './crowd.ts'
import type { Stage } from './scenario.ts'

const AT_ONCE = 6
/** What has just started on a busy machine may need some time more. */
const MAX_FAILURES = 100
const PAUSE_MS = 200

/** Adds one at a time, several times at once, until there are enough. `add` resolves to whether it did. */
async function fillUp(isEnough: () => boolean, add: () => Promise<boolean>): Promise<void> {
  let failures = 0
  const next = async () => {
    while (!isEnough()) {
      if (await add()) continue
      failures += 1
      if (failures > MAX_FAILURES) throw new Error('the platform is not ready: nobody can sign up or in')
      await delay(PAUSE_MS)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
}

/** Opens sessions until there are so many to be ended. */
export function fillVictims({ platform, crowd, random }: Stage, count: number): Promise<void> {
  return fillUp(
    () => crowd.victims.length >= count,
    async () => {
      const person = random.pick(crowd.signers)
      const { session } = await signInAccount(random.pick(platform.gateways), person)
      if (session !== undefined) crowd.victims.push({ person, session, endBegun: undefined })
      return session !== undefined
    }
  )
}

/** Registers people with two sessions each until there are so many who may change their password. */
export function fillChangers(crowd: Crowd, gateway: GatewayClient, count: number): Promise<void> {
  return fillUp(
    () => crowd.changers.length >= count,
    async () => {
      const person = crowd.createPerson()
      const { session } = await registerAccount(gateway, person)
      if (session === undefined) return false
      const { session: other } = await signInAccount(gateway, person)
      if (other === undefined) return false
      crowd.changers.push({ person, session, other })
      return true
    }
  )
}
