import { setTimeout as delay } from 'node:timers/promises'
import { signInAccount } from '../../history/account.ts'
import type { Answered, GatewayClient } from '../../history/gateway-client.ts'
import { insist } from '../../history/settle.ts'
import { loseRedis } from '../../redis.ts'
import { askAccess, askRefreshOf } from '../acts.ts'
import { watchHealth } from '../health.ts'
import { createStage } from '../run-scenario.ts'
import type { Outcome, OwnScenario } from '../scenario.ts'

/** Verdicts may be used for so long after the truth is gone, at most. */
const LEASE_MS = 2000

function unlike(what: string, wanted: number, answers: readonly Answered[]): string[] {
  const others = answers.filter(({ status }) => status !== wanted)
  return others
    .slice(0, 1)
    .map(({ status, text }) => `${what}: ${status} ${text.slice(0, 120)} (${others.length} times)`)
}

/** Redis comes back without what it had on disk, and without the scripts that the services taught it. */
export const redisEmptied: OwnScenario = {
  name: 'redis-emptied',
  fault: 'Redis is started anew without its data: old sessions are over, and everything else goes on',
  run: async (t, { random }) => {
    const { platform, crowd, load } = await createStage(t, { random })
    const watched = await watchHealth(t, platform.services)
    await delay(LEASE_MS)
    await load.stop()
    await loseRedis(platform.redis)
    await delay(LEASE_MS)
    const [first] = platform.gateways
    if (first === undefined) throw new Error('no gateway')
    const everywhere = (ask: (gateway: GatewayClient) => Promise<Answered>) =>
      Promise.all(platform.gateways.map((gateway) => insist(() => ask(gateway))))
    const old = await Promise.all(crowd.steady.map(({ session }) => everywhere((each) => askAccess(each, session))))
    const refreshed = await Promise.all(crowd.steady.map(({ session }) => insist(() => askRefreshOf(first, session))))
    const again = await Promise.all(
      crowd.signers.map((person) => insist(async () => (await signInAccount(first, person)).answered))
    )
    const blocked = await Promise.all(
      crowd.blocked.map(({ person }) => insist(async () => (await signInAccount(first, person)).answered))
    )
    const health = await watched.judge()
    const findings = [
      ...unlike('an old token', 401, old.flat()),
      ...unlike('a refresh of an old session', 401, refreshed),
      ...unlike('a new sign-in', 201, again),
      ...unlike('a sign-in of somebody whom an admin has blocked', 403, blocked)
    ]
    return {
      findings: [...findings, ...health.findings],
      notes: health.notes,
      figures: { wrong: findings.length, otherErrors: 0 }
    } satisfies Outcome
  }
}
