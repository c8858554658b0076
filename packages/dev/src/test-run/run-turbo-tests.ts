import { spawn } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Cleanup } from '../processes/cleanup.ts'
import { endProcesses } from '../processes/end-processes.ts'
import { identify, listDescendants } from '../processes/process-table.ts'
import { tieToParent } from '../servers/server-process.ts'
import { turboEnvironment } from '../services/run-services.ts'
import type { Settings } from '../settings.ts'
import { readTapResults, type TestResults } from './tap-results.ts'

export interface PackageRun extends TestResults {
  readonly name: string
  readonly seconds: number
}

export interface TurboRun {
  readonly exitCode: number
  readonly packages: readonly PackageRun[]
  /** Everything turbo and the tests said, for a run that ended without results. */
  readonly output: string
}

const resultFile = join('.tap', 'run.tap')
const stopGraceMs = 3_000

interface Task {
  readonly package: string
  readonly directory: string
  readonly execution?: { readonly exitCode?: number; readonly startTime: number; readonly endTime: number }
}

function isSummary(value: unknown): value is { readonly tasks: readonly Task[] } {
  return typeof value === 'object' && value !== null && 'tasks' in value && Array.isArray(value.tasks)
}

function removeOldResults(root: string): void {
  for (const file of globSync(`{apps,packages}/*/${resultFile}`, { cwd: root })) rmSync(join(root, file))
}

/** turbo names the file in its last lines; it is ours alone. */
function takeTasks(output: string): readonly Task[] {
  const file = /^Summary:\s+(\S.*\.json)$/m.exec(output)?.[1]
  if (file === undefined || !existsSync(file)) return []
  const summary: unknown = JSON.parse(readFileSync(file, 'utf8'))
  rmSync(file)
  return isSummary(summary) ? summary.tasks : []
}

function linesOf(output: string, name: string): string[] {
  const prefix = `${name}:test: `
  return output.split('\n').flatMap((line) => (line.startsWith(prefix) ? [line.slice(prefix.length)] : []))
}

/** A package whose run failed without a failing test, since tap itself did not get to its end, counts as one failure. */
function readPackage(root: string, { package: name, directory, execution }: Task, output: string): PackageRun {
  const file = join(root, directory, resultFile)
  const { passed, failures } = readTapResults(existsSync(file) ? readFileSync(file, 'utf8') : '')
  const seconds = execution === undefined ? 0 : (execution.endTime - execution.startTime) / 1000
  const crashed = failures.length === 0 && (execution?.exitCode !== 0 || !existsSync(file))
  const crash = { title: 'the run ended without results', details: linesOf(output, name).slice(-30) }
  return { name, seconds, passed, failures: crashed ? [crash] : failures }
}

/** Runs the `test` script of the packages that `filters` (turbo's arguments) select. */
export async function runTurboTests(
  settings: Settings,
  variables: Readonly<Record<string, string>>,
  filters: readonly string[],
  cleanup: Cleanup
): Promise<TurboRun> {
  const { root } = settings
  removeOldResults(root)
  const args = ['run', 'test', '--concurrency=2', '--continue', '--summarize', '--ui=stream', '--log-prefix=task']
  const tapArgs = ['--', '--reporter=silent', `--output-file=${resultFile}`]
  const turbo = spawn(join(root, 'node_modules', '.bin', 'turbo'), [...args, ...filters, ...tapArgs], {
    cwd: root,
    detached: true,
    env: { ...turboEnvironment(settings), ...variables },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  for (const stream of [turbo.stdout, turbo.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  }
  const { pid } = turbo
  if (pid !== undefined) {
    const untie = tieToParent(pid, 'SIGTERM')
    await cleanup.defer(async () => {
      await endProcesses(identify([pid, ...listDescendants(pid).map((entry) => entry.pid)]), stopGraceMs)
      untie()
    })
  }
  const { promise, resolve } = Promise.withResolvers<number>()
  turbo.once('error', () => resolve(1))
  turbo.once('close', (code) => resolve(code ?? 1))
  const exitCode = await promise
  const tasks = takeTasks(output)
  return { exitCode, output, packages: tasks.map((task) => readPackage(root, task, output)) }
}
