import { readFile, stat } from 'node:fs/promises'
import type { TestScope } from '@latchkey/testing/stores'
import { PASSWORD_MARK } from '../history/account.ts'
import type { ServiceProcess } from '../history/service-process.ts'

interface Reading {
  readonly residentMib: number | undefined
  readonly logBytes: number
}

type Readings = ReadonlyMap<string, Reading>

export interface HealthWatch {
  /** What has become of the processes, and what they said meanwhile. Watches no longer. */
  judge(): Promise<Health>
}

/** So much may it grow while things go wrong, at any moment: what is kept for later is bounded. */
const GROWTH_MIB = 64
/** Warnings and errors of one process, or as many as there were seconds: changes of state are told, not each request. */
const MAX_ALARMS = 60
/** The processes that start new may need some time for themselves. */
const FAULTS_OF_OURS = ['handler failed', 'request failed', 'reply breaks its contract', 'closing after an unexpected']
const PAGE_KIB = 4
const LOOK_MS = 1000

/** Looks at the processes now, and at their memory from now on: one that is started anew has to do with what the last did. */
export async function watchHealth(
  t: TestScope,
  services: readonly ServiceProcess[],
  maxGrowthMib = GROWTH_MIB
): Promise<HealthWatch> {
  const before = await readAll(services)
  const startedAt = performance.now()
  const mostMib = new Map<string, number>()
  const look = async () => {
    for (const { name, pid } of services) {
      const residentMib = pid === undefined ? undefined : await readResident(pid)
      mostMib.set(name, Math.max(mostMib.get(name) ?? 0, residentMib ?? 0))
    }
  }
  const timer = setInterval(() => void look(), LOOK_MS)
  t.teardown(() => clearInterval(timer))
  return {
    judge: async () => {
      clearInterval(timer)
      await look()
      const seconds = (performance.now() - startedAt) / 1000
      return await judgeHealth(services, { before, mostMib, maxGrowthMib, seconds })
    }
  }
}

async function readAll(services: readonly ServiceProcess[]): Promise<Readings> {
  return new Map(await Promise.all(services.map(async (service) => [service.name, await read(service)] as const)))
}

async function read({ pid, logFile }: ServiceProcess): Promise<Reading> {
  const { size } = await stat(logFile)
  return { residentMib: pid === undefined ? undefined : await readResident(pid), logBytes: size }
}

/** Where the kernel tells; elsewhere it is not judged. */
async function readResident(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => undefined)
  const pages = Number(text?.split(' ')[1])
  return Number.isFinite(pages) ? (pages * PAGE_KIB) / 1024 : undefined
}

interface Health {
  readonly findings: readonly string[]
  readonly notes: readonly string[]
}

interface Watched {
  readonly before: Readings
  readonly mostMib: ReadonlyMap<string, number>
  readonly maxGrowthMib: number
  readonly seconds: number
}

async function judgeHealth(
  services: readonly ServiceProcess[],
  { before, mostMib, maxGrowthMib, seconds }: Watched
): Promise<Health> {
  const findings: string[] = []
  let most = 0
  for (const { name, pid, logFile } of services) {
    const then = before.get(name)
    if (then === undefined || pid === undefined) {
      findings.push(`${name} does not run any more`)
      continue
    }
    const grownMib = then.residentMib === undefined ? 0 : (mostMib.get(name) ?? 0) - then.residentMib
    most = Math.max(most, grownMib)
    if (grownMib > maxGrowthMib) findings.push(`${name} holds ${grownMib.toFixed(0)} MiB more than before, at its most`)
    findings.push(
      ...judgeLog(name, (await readFile(logFile, 'utf8')).slice(then.logBytes), Math.max(MAX_ALARMS, seconds))
    )
  }
  return { findings, notes: [`memory grew by ${most.toFixed(0)} MiB at most`] }
}

interface Line {
  readonly level?: string
  readonly msg?: string
  readonly err?: { readonly message?: string }
  readonly detail?: string
}

function judgeLog(name: string, text: string, maxAlarms: number): string[] {
  const lines = text.split('\n').filter((line) => line !== '')
  const read = lines.map(readLine)
  const strange = lines.filter((_, index) => read[index] === undefined)
  const said = read.filter((line) => line !== undefined)
  const alarms = said.filter(({ level }) => level === 'warn' || level === 'error' || level === 'fatal')
  const faults = alarms.filter(({ msg }) => FAULTS_OF_OURS.some((fault) => msg?.startsWith(fault)))
  const secrets = lines.filter((line) => line.includes(PASSWORD_MARK) || line.includes('"Bearer ey'))
  return [
    ...strange.slice(0, 3).map((line) => `${name} said: ${line.slice(0, 160)}`),
    ...describe(faults)
      .slice(0, 3)
      .map((line) => `${name} logged ${line}`),
    ...(alarms.length > maxAlarms
      ? [`${name} logged ${alarms.length} warnings, most of all ${describe(alarms)[0]}`]
      : []),
    ...(secrets.length > 0 ? [`${name} logged a secret`] : [])
  ]
}

function describe(lines: readonly Line[]): string[] {
  const byText = Map.groupBy(lines, ({ msg, err, detail }) =>
    [msg, err?.message, detail].filter(Boolean).join(': ').slice(0, 160)
  )
  return [...byText]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([words, all]) => `"${words}" ${all.length} times`)
}

function readLine(text: string): Line | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
