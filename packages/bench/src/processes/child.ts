import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { execPath } from 'node:process'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { pin } from './cores.ts'

export interface NodeCommand {
  /** File to run. */
  readonly entry: URL
  readonly args?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** List of cores as taskset takes it; `undefined` leaves the choice to the system. */
  readonly cores: string | undefined
}

type ReadLine<T> = (line: Readonly<Record<string, unknown>>) => T | undefined

/** A Node.js process of the benchmark: a server, or a program that answers one question. */
export interface NodeChild {
  readonly pid: number
  /** The first line of JSON on standard output that `read` makes something of. Rejects when the process ends before. */
  read<T extends NonNullable<unknown>>(read: ReadLine<T>, withinMs?: number): Promise<T>
  /** Bytes of heap and what hangs on it, after garbage collection. */
  measureMemoryBytes(): Promise<number>
  stop(): Promise<void>
}

const PROBE = new URL('./probe.ts', import.meta.url).href
const STOP_TIMEOUT_MS = 5000
const ANSWER_TIMEOUT_MS = 30_000
const START_TIMEOUT_MS = 60_000

export function startNode({ entry, args = [], environment = {}, cores }: NodeCommand): NodeChild {
  const options = ['--expose-gc', '--conditions=@latchkey/source', '--import', PROBE]
  const [program, ...words] = pin(cores, [execPath, ...options, fileURLToPath(entry), ...args])
  const child = spawn(program, words, {
    env: { NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc']
  })
  const exited = once(child, 'exit')
  if (child.pid === undefined || child.stdout === null) throw new Error(`${entry} could not be started`)
  const lines = createInterface({ input: child.stdout })
  return {
    pid: child.pid,
    read: (read, withinMs = START_TIMEOUT_MS) => readLine({ entry, lines, exited }, read, withinMs),
    measureMemoryBytes: () => askForMemory(child),
    stop: () => stop(child, exited)
  }
}

interface Speaker {
  readonly entry: URL
  readonly lines: Interface
  readonly exited: Promise<unknown>
}

async function readLine<T extends NonNullable<unknown>>(
  { entry, lines, exited }: Speaker,
  read: ReadLine<T>,
  withinMs: number
): Promise<T> {
  const found = Promise.withResolvers<T>()
  const timer = setTimeout(() => found.reject(new Error(`${entry} said nothing in time`)), withinMs)
  const take = (line: string): void => {
    const value = read(parse(line))
    if (value !== undefined) found.resolve(value)
  }
  lines.on('line', take)
  void exited.then(() => found.reject(new Error(`${entry} ended before it answered`)))
  return await found.promise.finally(() => {
    clearTimeout(timer)
    lines.off('line', take)
  })
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

async function askForMemory(child: ChildProcess): Promise<number> {
  child.send('memory')
  const [answer] = await once(child, 'message', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
  return Number(answer.bytes)
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await exited
  clearTimeout(timer)
}
