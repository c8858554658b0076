import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'
import { endProcesses } from '../processes/end-processes.ts'
import { identify, listDescendants, type ProcessIdentity } from '../processes/process-table.ts'
import { tieToParent } from '../servers/server-process.ts'
import type { Settings } from '../settings.ts'
import type { ServiceLog } from './service-log.ts'

const stopGraceMs = 3_000

export interface RunningServices {
  /** Resolves when turbo has ended, which it does not do by itself. */
  readonly ended: Promise<void>
  /** turbo and everything below it. */
  listProcesses(): ProcessIdentity[]
  /** SIGTERM, SIGKILL after three seconds, first to the services, then to what ran them; resolves when nothing is left. */
  stop(): Promise<void>
}

/** Environment for a run of turbo: its own binary and Node.js first on PATH, no questions, no telemetry. */
export function turboEnvironment({ root, environment }: Settings): NodeJS.ProcessEnv {
  return {
    ...environment,
    PATH: [join(root, 'node_modules', '.bin'), environment.PATH ?? ''].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    // Dependencies were checked when we were started; each task need not do it again.
    pnpm_config_verify_deps_before_run: 'false',
    // Type stripping and compiling are half of a start; the second one finds them done.
    NODE_COMPILE_CACHE: environment.NODE_COMPILE_CACHE || join(root, 'node_modules', '.cache', 'latchkey', 'compile'),
    FORCE_COLOR: '0'
  }
}

/** The services themselves, which are the children of the watchers: asked directly, each is asked once. */
function listServices(pid: number): number[] {
  const below = listDescendants(pid)
  const watchers = new Set(below.filter(({ command }) => command.includes(' --watch ')).map((entry) => entry.pid))
  return below.filter(({ parentPid }) => watchers.has(parentPid)).map((entry) => entry.pid)
}

/** Runs the `dev` script of every app in watch mode, in a session of its own. */
export async function runServices(
  settings: Settings,
  variables: Readonly<Record<string, string>>,
  log: ServiceLog
): Promise<RunningServices> {
  const args = ['run', 'dev', '--filter=./apps/*', '--ui=stream', '--log-order=stream', '--log-prefix=task']
  const turbo = spawn(join(settings.root, 'node_modules', '.bin', 'turbo'), args, {
    cwd: settings.root,
    detached: true,
    env: { ...turboEnvironment(settings), ...variables },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  for (const stream of [turbo.stdout, turbo.stderr]) stream.setEncoding('utf8').on('data', log.append)
  await once(turbo, 'spawn')
  const { pid } = turbo
  if (pid === undefined) throw new Error('turbo has no process id')
  const untie = tieToParent(pid, 'SIGTERM')
  const ended = new Promise<void>((resolve) => turbo.once('exit', () => resolve()))
  const listProcesses = (): ProcessIdentity[] => identify([pid, ...listDescendants(pid).map((entry) => entry.pid)])
  return {
    ended,
    listProcesses,
    stop: async () => {
      await endProcesses(identify(listServices(pid)), stopGraceMs)
      await endProcesses(listProcesses(), stopGraceMs)
      untie()
    }
  }
}
