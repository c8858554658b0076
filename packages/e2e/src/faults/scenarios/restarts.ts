import { freeze } from '../break.ts'
import { KINDS } from '../observed.ts'
import type { Platform, ServiceName } from '../platform.ts'
import type { Scenario } from '../scenario.ts'

const TWO = { gateway: 2, auth: 2, session: 2, activity: 2 } as const
/** Long enough for the balancer to see it, many times over. */
const DRAIN_MS = 500
const FIRST: readonly ServiceName[] = ['auth-1', 'session-1', 'activity-1', 'gateway-1']
const SECOND: readonly ServiceName[] = ['auth-2', 'session-2', 'activity-2', 'gateway-2']

/** As an operator does it: told to end, ended in order, started again and ready, then the next one. */
async function restartInTurn(platform: Platform, names: readonly ServiceName[]): Promise<void> {
  for (const name of names) {
    const service = platform.service(name)
    const code = await service.stop()
    if (code !== 0) throw new Error(`${name} ended with ${code} when it was told to end`)
    await service.start()
  }
}

const rollingRestart: Scenario = {
  name: 'rolling-restart',
  fault: 'every service of two of each is told to end and started again, one after another',
  forMs: 0,
  topology: TWO,
  isBalanced: true,
  environment: { DRAIN_DELAY: String(DRAIN_MS) },
  stays: KINDS,
  begin: async ({ platform }) => {
    await restartInTurn(platform, [...FIRST, ...SECOND])
    return () => undefined
  }
}

/** One of each, for where there is less time. */
export const halfOfRollingRestart: Scenario = {
  ...rollingRestart,
  begin: async ({ platform }) => {
    await restartInTurn(platform, FIRST)
    return () => undefined
  }
}

export const restartScenarios: readonly Scenario[] = [
  rollingRestart,
  {
    name: 'told-to-end-while-nats-hangs',
    fault: 'all services are told to end while NATS hangs, and started again',
    forMs: 0,
    downGateways: [0, 1],
    begin: async ({ platform: { services, nats } }) => {
      const thaw = freeze(nats)
      const codes = await Promise.all(services.map((service) => service.stop()))
      await thaw()
      await Promise.all(services.map((service) => service.start()))
      return () => {
        if (codes.some((code) => code !== 0)) throw new Error(`services ended with ${codes}`)
      }
    }
  },
  {
    name: 'all-told-to-end',
    fault: 'all services are told to end at once under load, and started again',
    forMs: 0,
    closedGateways: [0, 1],
    begin: async ({ platform: { services } }) => {
      const codes = await Promise.all(services.map((service) => service.stop()))
      await Promise.all(services.map((service) => service.start()))
      return () => {
        if (codes.some((code) => code !== 0)) throw new Error(`services ended with ${codes}`)
      }
    }
  }
]
