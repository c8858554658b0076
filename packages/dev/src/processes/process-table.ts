import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A pid is used again after a while; together with the start time it names one process for ever. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startedAt: string
}

export interface ProcessEntry extends ProcessIdentity {
  readonly parentPid: number
  readonly command: string
}

function readOptionally(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Fields after the parenthesised name, which may hold anything: state is 0, parent 1, start time 19. */
function readLinuxProcess(pid: number): ProcessEntry | undefined {
  const stat = readOptionally(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, parent] = fields
  if (state === undefined || parent === undefined || state === '' || 'ZX'.includes(state)) return undefined
  const boot = readOptionally('/proc/sys/kernel/random/boot_id').trim()
  const command = readOptionally(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
  return { pid, parentPid: Number(parent), startedAt: `${boot}/${fields[19]}`, command }
}

function parsePsLine(line: string): ProcessEntry[] {
  const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+ +\S+ +\S+ +\S+ +\S+)\s+(.*)$/.exec(line)
  if (match === null || match[3]?.startsWith('Z')) return []
  const [, pid, parent, , startedAt = '', command = ''] = match
  return [{ pid: Number(pid), parentPid: Number(parent), startedAt, command }]
}

function listByPs(): ProcessEntry[] {
  const args = ['-A', '-o', 'pid=,ppid=,stat=,lstart=,command=']
  const { stdout } = spawnSync('ps', args, { encoding: 'utf8', env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' } })
  return stdout.split('\n').flatMap(parsePsLine)
}

/** All live processes; those that have ended and wait for their parent do not count. */
export function listProcesses(): ProcessEntry[] {
  if (process.platform !== 'linux') return listByPs()
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => readLinuxProcess(Number(pid)) ?? [])
}

export function findProcess(pid: number): ProcessEntry | undefined {
  if (process.platform === 'linux') return readLinuxProcess(pid)
  return listByPs().find((entry) => entry.pid === pid)
}

export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  return findProcess(pid)?.startedAt === startedAt
}

/** Names processes by pid and start time; those that have ended meanwhile are left out. */
export function identify(pids: readonly number[]): ProcessIdentity[] {
  const entries = pids.flatMap((pid) => findProcess(pid) ?? [])
  return entries.map(({ pid, startedAt }) => ({ pid, startedAt }))
}

/** Children of `pid`, their children and so on. */
export function listDescendants(pid: number, table = listProcesses()): ProcessEntry[] {
  const children = table.filter((entry) => entry.parentPid === pid)
  return children.flatMap((child) => [child, ...listDescendants(child.pid, table)])
}

const packageManager = /(^|[\s/])(pnpm|pnpx|npm|npx|corepack)(\s|$|\.[cm]?js|@)/
const shell = /^(\S*\/)?(sh|dash|bash) -c /

/**
 * The package managers above us (`npx` → `pnpm` → us) with the shells between them. When one of them is ended by force,
 * nobody tells us; a shell above the topmost one does not count, it may end while we go on in the background.
 */
export function listPackageManagers(pid: number): ProcessEntry[] {
  const ancestors: ProcessEntry[] = []
  for (let next = findProcess(pid); next !== undefined; next = findProcess(next.parentPid)) ancestors.push(next)
  const above = ancestors.slice(1)
  const end = above.findIndex(({ command }) => !(packageManager.test(command) || shell.test(command)))
  const chain = end === -1 ? above : above.slice(0, end)
  const isShell = ({ command }: ProcessEntry): boolean => shell.test(command)
  return chain.slice(0, chain.findLastIndex((entry) => !isShell(entry)) + 1)
}
