import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceProcess } from '../../history/service-process.ts'
import { cut, freeze, repeat } from '../break.ts'
import type { Platform } from '../platform.ts'
import type { Heal, Scenario } from '../scenario.ts'

const STALL_MS = 2000
/** A file that is always full. */
const FULL = '/dev/full'

/** Services that come up before anything they need does. */
async function startWithoutStores(platform: Platform): Promise<Heal> {
  const { services } = platform
  await Promise.all(services.map((service) => service.kill()))
  const mend = cut([...platform.linksTo('nats'), ...platform.linksTo('redis'), ...platform.linksTo('postgres')])
  for (const service of services) service.launch()
  await delay(3000)
  return async () => {
    const ended = services.filter(({ pid }) => pid === undefined).map(({ name }) => name)
    if (ended.length > 0) throw new Error(`without its stores ${ended.join(', ')} ended`)
    await mend()
    await Promise.all(services.map((service) => service.untilReady()))
  }
}

async function restartInto(service: ServiceProcess, output?: string): Promise<void> {
  await service.stop()
  service.launch(output)
  await service.untilReady()
}

export const processScenarios: readonly Scenario[] = [
  {
    name: 'gateway-stalled',
    fault: `one of two gateways does not get round to anything for ${STALL_MS / 1000} s, three times`,
    forMs: 0,
    downGateways: [0],
    stays: ['access', 'signIn', 'register', 'refresh'],
    begin: async ({ platform }) => {
      await repeat(3 * STALL_MS, () => freeze(platform.service('gateway-1')), {
        pauseMs: () => 500,
        lastsMs: () => STALL_MS
      })
      return () => undefined
    }
  },
  {
    name: 'all-frozen',
    fault: 'all services are frozen for a while, as with a machine that is suspended',
    forMs: 4000,
    downGateways: [0, 1],
    begin: ({ platform }) => freeze(...platform.services)
  },
  {
    name: 'stores-late',
    fault: 'all services are started before PostgreSQL, Redis and NATS can be reached',
    forMs: 0,
    downGateways: [0, 1],
    begin: ({ platform }) => startWithoutStores(platform)
  },
  {
    name: 'logs-full',
    fault: 'the disk that the logs go to is full',
    forMs: 0,
    downGateways: [0, 1],
    begin: async ({ platform: { services } }) => {
      for (const service of services) await restartInto(service, FULL)
      await delay(4000)
      return async () => {
        for (const service of services) await restartInto(service)
      }
    },
    check: ({ during }) => {
      const served = during.filter(({ kind, verdict }) => kind === 'signIn' && verdict === 'good')
      return served.length > 0 ? [] : ['nobody could sign in']
    }
  }
]
