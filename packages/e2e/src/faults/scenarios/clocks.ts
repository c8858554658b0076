import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Service } from '../../environment.ts'
import type { ServiceProcess } from '../../history/service-process.ts'
import { eventually } from '../../people.ts'
import { KINDS } from '../observed.ts'
import type { Scenario } from '../scenario.ts'

const HOUR_MS = 3_600_000
const EACH_MS = 5000
const NOTICED_WITHIN_MS = 5000
const STEPS = [HOUR_MS, -HOUR_MS, 0] as const

async function isReady({ port }: ServiceProcess): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2000) })
  await answer.arrayBuffer()
  return answer.ok
}

/** Sets the clock, waits until that is noticed, and lets it be so for a while. Resolves to what is wrong. */
async function step(service: ServiceProcess, offsetMs: number): Promise<string[]> {
  const until = performance.now() + EACH_MS
  service.setClock(offsetMs)
  const wanted = offsetMs === 0
  const ready = await eventually(
    () => isReady(service),
    (is) => is === wanted,
    NOTICED_WITHIN_MS
  )
  await delay(Math.max(0, until - performance.now()))
  return ready === wanted
    ? []
    : [`${service.name} is ${wanted ? 'not ' : ''}ready with its clock off by ${offsetMs} ms`]
}

/** Nothing is let in, kept out or forgotten for it: times are compared by the clocks of the stores. */
function createSetting(service: Service): Scenario {
  const name = `${service}-1` as const
  const findings: string[] = []
  return {
    name: `clock-of-${service}`,
    fault: `the wall clock of ${name} is set an hour ahead, and then an hour back`,
    forMs: 0,
    stays: KINDS,
    begin: async ({ platform }) => {
      for (const offsetMs of STEPS) findings.push(...(await step(platform.service(name), offsetMs)))
      return () => undefined
    },
    check: async ({ platform }) => {
      const log = await readFile(platform.service(name).logFile, 'utf8')
      const alarms = log.split('\n').filter((line) => /"warn".*the clock of this machine is not that of/.test(line))
      return alarms.length > 0 ? findings : [...findings, `${name} did not say that its clock is wrong`]
    }
  }
}

export const clockScenarios: readonly Scenario[] = (['gateway', 'auth', 'session', 'activity'] as const).map(
  createSetting
)
