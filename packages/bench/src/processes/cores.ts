import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, platform } from 'node:os'
import { pid } from 'node:process'

/** Of util-linux, which nearly every Linux has. */
const TASKSET = 'taskset'

/** Which cores do what, as taskset takes them; all `undefined` where processes cannot be pinned. */
export interface Cores {
  /** The process that is measured. */
  readonly server: string | undefined
  /** The load generator. */
  readonly load: string | undefined
  /** Databases, the bus, and services that stand behind the measured one. */
  readonly neighbours: string | undefined
  /** For work that is not measured. */
  readonly all: string | undefined
}

/** The measured process has a core to itself; the others share what is left. */
export function planCores(count: number, canPin: boolean): Cores {
  if (!canPin || count < 2) return { server: undefined, load: undefined, neighbours: undefined, all: undefined }
  const all = `0-${count - 1}`
  if (count < 4) return { server: '0', load: '1', neighbours: '1', all }
  return { server: '0', load: '1', neighbours: `2-${count - 1}`, all }
}

export function findCores(): Cores {
  return planCores(availableParallelism(), platform() === 'linux' && hasTaskset())
}

function hasTaskset(): boolean {
  try {
    execFileSync(TASKSET, ['-p', String(pid)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The command that runs `command` on those cores only. */
export function pin(
  cores: string | undefined,
  [program, ...args]: readonly [string, ...string[]]
): [string, ...string[]] {
  return cores === undefined ? [program, ...args] : [TASKSET, '-c', cores, program, ...args]
}

/** Moves this process, and with it all it starts without pinning, to those cores. */
export function pinThisProcess(cores: string | undefined): void {
  if (cores !== undefined) execFileSync(TASKSET, ['-acp', cores, String(pid)], { stdio: 'ignore' })
}

const TICKS_PER_SECOND = 100

/** Processor time the process has used so far, in seconds; `undefined` where the system does not tell. */
export function findCpuSeconds(process: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return undefined
  }
}
