import { type ExecFileOptions, execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import type { Defines, Run } from './rules.ts'

const MODEL = join(import.meta.dirname, 'verdict.pml')
/** Of one search: two run at a time. */
const MEMORY_MB = 1900
const WIDE_MEMORY_MB = 4000
const SEARCH_TIMEOUT_MS = 300_000
const WIDE_SEARCH_TIMEOUT_MS = 1_800_000

export interface Finding {
  readonly run: Run
  /** `unfinished` when the search ended before it had seen every state: it says nothing. */
  readonly outcome: 'holds' | 'counterexample' | 'unfinished'
  readonly states: number
  readonly seconds: number
  /** What Spin's search printed. */
  readonly output: string
}

const execute = promisify(execFile)

/** Finds Spin and a C compiler, or installs them where that needs no one's consent: on Debian, as root. */
export async function provideSpin(): Promise<void> {
  if ((await runs('spin', '-V')) && (await runs('gcc', '--version'))) return
  const command = 'apt-get install -y --no-install-recommends spin gcc libc6-dev'
  if (process.getuid?.() !== 0 || !(await runs('apt-get', '--version'))) {
    throw new Error(`Spin and gcc are needed. On Debian and Ubuntu: sudo ${command}`)
  }
  console.log(`installing Spin: ${command}`)
  const install = `export DEBIAN_FRONTEND=noninteractive; ${command} || { apt-get update && ${command}; }`
  await execute('sh', ['-c', install])
}

/** Searches every state that the protocol, or a broken one, can reach. Its files go to a new folder in `folder`. */
export async function search(run: Run, folder: string): Promise<Finding> {
  const cwd = await compile(run, folder)
  const timeoutMs = run.isWide ? WIDE_SEARCH_TIMEOUT_MS : SEARCH_TIMEOUT_MS
  const startedAt = performance.now()
  const output = await readOutput('./pan', searchOptions(run), { cwd, timeout: timeoutMs })
  const seconds = (performance.now() - startedAt) / 1000
  const states = Number(/(\d+) states, stored/.exec(output)?.[1] ?? 0)
  return { run, outcome: readOutcome(output), states, seconds, output }
}

/** The shortest way to the counterexample that `search` has left in `folder`, step by step. */
export async function readStory(run: Run, folder: string): Promise<string> {
  const trail = join(folderOf(run, folder), 'verdict.pml.trail')
  return await readOutput('spin', ['-t', '-k', trail, '-B', '-T', ...flags(run), MODEL], {})
}

async function compile(run: Run, folder: string): Promise<string> {
  const cwd = folderOf(run, folder)
  await mkdir(cwd, { recursive: true })
  await execute('spin', [...flags(run), '-a', MODEL], { cwd })
  await execute('gcc', [...compilerOptions(run), '-w', '-o', 'pan', 'pan.c'], { cwd })
  return cwd
}

/** Breadth first where a counterexample is to be found, as it is then the shortest. */
function compilerOptions({ property, expected, isWide }: Run): readonly string[] {
  const memory = `-DMEMLIM=${isWide ? WIDE_MEMORY_MB : MEMORY_MB}`
  if (property === 'liveness') return ['-O2', '-DNFAIR=4', memory]
  const safety = ['-DSAFETY', '-DNOFAIR', '-DNOREDUCE', memory]
  return expected === 'holds' ? ['-O2', ...safety] : ['-O0', '-DBFS', ...safety]
}

function searchOptions({ property, expected }: Run): readonly string[] {
  if (property === 'liveness') return ['-a', '-f', '-m1000000', '-w21']
  return expected === 'holds' ? ['-noclaim', '-m100000', '-w23'] : ['-noclaim', '-w20']
}

function flags({ defines, property }: Run): readonly string[] {
  const all: Defines = property === 'liveness' ? { ...defines, LIVENESS: 1 } : defines
  return Object.entries(all).map(([name, value]) => `-D${name}=${value}`)
}

function folderOf({ rule, says }: Run, folder: string): string {
  return join(folder, (rule ?? says).replaceAll(/\W+/g, '-'))
}

function readOutcome(output: string): Finding['outcome'] {
  const errors = /errors: (\d+)/.exec(output)?.[1]
  if (errors !== undefined && errors !== '0') {
    return /assertion violated|acceptance cycle/.test(output) ? 'counterexample' : 'unfinished'
  }
  const isWhole = errors === '0' && !/Search not completed|max search depth too small|reached -DMEMLIM/.test(output)
  return isWhole ? 'holds' : 'unfinished'
}

async function runs(program: string, option: string): Promise<boolean> {
  return await execute(program, [option]).then(
    () => true,
    () => false
  )
}

/** What a program printed, whatever its exit code: Spin's says nothing. */
async function readOutput(program: string, args: readonly string[], options: ExecFileOptions): Promise<string> {
  return await new Promise((resolve) => {
    execFile(program, args, { ...options, maxBuffer: 2 ** 26, encoding: 'utf8' }, (err, stdout, stderr) => {
      resolve(`${stdout}${stderr}${err?.killed ? '\nSearch not completed' : ''}`)
    })
  })
}
