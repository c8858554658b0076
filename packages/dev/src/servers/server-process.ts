import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { LaunchError } from '../launch-error.ts'

/** A server of ours, alive until `stop` or the end of this process, whatever ends it. */
export interface ServerProcess {
  readonly pid: number
  /** Settles when the server has ended, for whatever reason. */
  readonly ended: Promise<void>
  isRunning(): boolean
  /** Ends it in its own graceful way, by force after `stopTimeoutMs`; resolves when it is gone. */
  stop(): Promise<void>
  /** Ends it as a crash would (SIGKILL). */
  kill(): Promise<void>
  /** Makes it hang (SIGSTOP): connections stay open, nothing answers. */
  pause(): void
  resume(): void
}

export interface ServerCommand {
  /** What a person calls it: `Redis`. */
  readonly title: string
  readonly program: string
  readonly args: readonly string[]
  /** Account to run as, for a server that refuses root. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined
  /** Folder to work in; the server must be able to enter it. */
  readonly folder: string
  /** Receives stdout and stderr, appended. */
  readonly logFile: string
  readonly stopSignal: NodeJS.Signals
  /** True for servers of a test: this folder goes when the process that started them is gone. */
  readonly throwAwayFolder?: string | undefined
  /** Answers when the server speaks its protocol, rejects when not yet. */
  readonly probe: () => Promise<unknown>
}

const readyTimeoutMs = 20_000
const stopTimeoutMs = 10_000
const probeIntervalMs = 15

/** A server that did not come up; `message` is one line with its own last words. */
export class ServerStartError extends LaunchError {
  readonly addressInUse: boolean
  constructor(title: string, log: string, logFile?: string) {
    const lines = log.split('\n').filter((line) => line.trim() !== '')
    const fault = lines.findLast((line) => /fatal|error|in use|fail|cannot|can't/i.test(line)) ?? lines.at(-1)
    const where = logFile === undefined ? '' : `; see ${logFile}`
    super(`${title} did not start: ${fault?.trim() ?? 'it said nothing'}${where}`)
    this.addressInUse = /address already in use|in use/i.test(log)
  }
}

/**
 * Waits for the end of its standard input, which is the end of the process that started it, then ends the server
 * (and removes the folder named second). A line on the input means the server was stopped in good order.
 */
const watchdogScript = `read -r _ && exit 0
kill -s "$2" "$1" 2>/dev/null
i=0
while kill -0 "$1" 2>/dev/null && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
kill -s KILL "$1" 2>/dev/null
[ -z "$3" ] || rm -rf "$3"`

/** Ties the life of `pid` to ours, even when we are ended by SIGKILL. Returns how to untie it. */
export function tieToParent(pid: number, stopSignal: NodeJS.Signals, throwAwayFolder = ''): () => void {
  const args = ['-c', watchdogScript, 'sh', String(pid), stopSignal.slice('SIG'.length), throwAwayFolder]
  const watchdog = spawn('/bin/sh', args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' })
  watchdog.unref()
  watchdog.stdin.on('error', () => undefined)
  if ('unref' in watchdog.stdin && typeof watchdog.stdin.unref === 'function') watchdog.stdin.unref()
  return () => watchdog.stdin.end('\n')
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function endGracefully(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<void>): Promise<void> {
  if (hasEnded(child)) return
  child.ref()
  child.kill('SIGCONT')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  await ended
  clearTimeout(timer)
}

async function untilReady(child: ChildProcess, { title, logFile, probe }: ServerCommand, logStart: number) {
  const deadline = performance.now() + readyTimeoutMs
  for (;;) {
    if (hasEnded(child)) throw new ServerStartError(title, readFileSync(logFile).subarray(logStart).toString(), logFile)
    if (performance.now() > deadline) throw new ServerStartError(title, `no answer within ${readyTimeoutMs / 1000} s`)
    const answered = await probe().then(
      () => true,
      () => false
    )
    if (answered && !hasEnded(child)) return
    await delay(probeIntervalMs)
  }
}

function logLength(logFile: string): number {
  try {
    return readFileSync(logFile).length
  } catch {
    return 0
  }
}

/** Starts a server in a session of its own (Ctrl-C does not reach it) and waits until it answers. */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  const { program, args, account, folder, logFile, stopSignal, throwAwayFolder } = command
  const logStart = logLength(logFile)
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(program, args, { ...account, cwd: folder, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await once(child, 'spawn')
  const pid = child.pid
  if (pid === undefined) throw new ServerStartError(command.title, `${program} has no process id`)
  child.unref()
  const untie = tieToParent(pid, stopSignal, throwAwayFolder)

  try {
    await untilReady(child, command, logStart)
  } catch (error) {
    child.kill('SIGKILL')
    await ended
    untie()
    throw error
  }
  return {
    pid,
    ended,
    isRunning: () => !hasEnded(child),
    stop: () => endGracefully(child, stopSignal, ended).finally(untie),
    kill: () => endGracefully(child, 'SIGKILL', ended).finally(untie),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT')
  }
}
