import { readFile, stat } from 'node:fs/promises'
import type { ServiceProcess } from '../history/service-process.ts'

interface Reading {
  readonly pid: number | undefined
  readonly residentMib: number | undefined
  readonly logBytes: number
}

export interface Readings {
  readonly at: number
  readonly of: ReadonlyMap<string, Reading>
}

/** So much may it grow while things go wrong: what is kept for later is bounded. */
const GROWTH_MIB = 64
/** Warnings and errors of one process, or as many as there were seconds: changes of state are told, not each request. */
const MAX_ALARMS = 60
/** The processes that start new may need some time for themselves. */
const FAULTS_OF_OURS = ['handler failed', 'request failed', 'reply breaks its contract', 'closing after an unexpected']
const PAGE_KIB = 4

export async function readHealth(services: readonly ServiceProcess[]): Promise<Readings> {
  const readings = services.map(async (service) => [service.name, await read(service)] as const)
  return { at: performance.now(), of: new Map(await Promise.all(readings)) }
}

async function read({ pid, logFile }: ServiceProcess): Promise<Reading> {
  const { size } = await stat(logFile)
  return { pid, residentMib: pid === undefined ? undefined : await readResident(pid), logBytes: size }
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

/** What has become of the processes, and what they said meanwhile. */
export async function judgeHealth(services: readonly ServiceProcess[], before: Readings): Promise<Health> {
  const after = await readHealth(services)
  const seconds = (performance.now() - before.at) / 1000
  const findings: string[] = []
  let most = 0
  for (const { name, logFile } of services) {
    const [then, now] = [before.of.get(name), after.of.get(name)]
    if (then === undefined || now?.pid === undefined) {
      findings.push(`${name} does not run any more`)
      continue
    }
    const grownMib = now.pid === then.pid ? (now.residentMib ?? 0) - (then.residentMib ?? 0) : 0
    most = Math.max(most, grownMib)
    if (grownMib > GROWTH_MIB) findings.push(`${name} holds ${grownMib.toFixed(0)} MiB more than before`)
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
  const secrets = lines.filter((line) => /the first password of|another password|"Bearer ey/.test(line))
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
