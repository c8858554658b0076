import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { pickFreePort } from '@latchkey/dev/free-port'
import { type Environment, nodeArguments, type Service } from '../environment.ts'
import { eventually } from '../people.ts'

export interface ServiceOptions {
  readonly service: Service
  /** What this one is called among its like: `gateway-2`. */
  readonly name: string
  readonly environment: Environment
  /** Export conditions before the usual one; those of a test build break rules. */
  readonly conditions: readonly string[]
  /** Its output is appended to a file here. */
  readonly logFolder: string
}

const PRELOADS = [new URL('end-with-parent.ts', import.meta.url), new URL('movable-clock.ts', import.meta.url)].flatMap(
  (url) => ['--import', fileURLToPath(url)]
)
const READY_MS = 60_000
/** Characters of the log that an error quotes. */
const LAST_WORDS = 2000

/** One service that is killed, frozen and started again, on the same port each time. */
export class ServiceProcess {
  readonly name: string
  readonly port: number
  readonly #options: ServiceOptions
  readonly #command: readonly string[]
  #environment: Environment
  #child: ChildProcess | undefined

  private constructor(options: ServiceOptions, port: number) {
    this.name = options.name
    this.port = port
    this.#options = options
    const conditions = options.conditions.map((condition) => `--conditions=${condition}`)
    this.#command = [...conditions, ...PRELOADS, ...nodeArguments(options.service)]
    this.#environment = options.environment
  }

  /** Resolves when it is ready to serve. */
  static async start(options: ServiceOptions): Promise<ServiceProcess> {
    const started = new ServiceProcess(options, await pickFreePort())
    await started.start()
    return started
  }

  async start(): Promise<void> {
    this.launch()
    await this.untilReady()
  }

  /** Starts it without waiting for anything; its output goes to `output` where that is given. */
  launch(output = this.logFile): void {
    const { service } = this.#options
    const log = openSync(output, 'a')
    this.#child = spawn(process.execPath, this.#command, {
      env: { ...this.#environment, [`${service.toUpperCase()}_PORT`]: String(this.port) },
      stdio: ['ignore', log, log, 'ipc']
    })
    closeSync(log)
  }

  get logFile(): string {
    return join(this.#options.logFolder, `${this.name}.log`)
  }

  /** `undefined` while it does not run. */
  get pid(): number | undefined {
    const { pid, exitCode, signalCode } = this.#child ?? {}
    return exitCode === null && signalCode === null ? pid : undefined
  }

  /** Asks it to end, and resolves with its exit code: `null` when it was ended by force. */
  async stop(): Promise<number | null> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined) return null
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
    child.kill('SIGTERM')
    await exited
    return child.exitCode
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** It is told so when it is started next. */
  changeEnvironment(change: (environment: Environment) => Environment): void {
    this.#environment = { ...this.#environment, ...change(this.#environment) }
  }

  /** From now on its wall clock is off by so much; one that is started anew has the right time. */
  setClock(offsetMs: number): void {
    this.#child?.send({ clockOffsetMs: offsetMs })
  }

  /** A test build sets its wall clock back; others take no notice. */
  setClockBack(): void {
    this.#child?.kill('SIGWINCH')
  }

  async untilReady(): Promise<void> {
    const isReady = async () => {
      const { exitCode } = this.#child ?? {}
      if (typeof exitCode === 'number') {
        throw new Error(`${this.name} ended with ${exitCode} while it started: ${this.#readLastWords()}`)
      }
      return await fetch(`http://127.0.0.1:${this.port}/readyz`, { signal: AbortSignal.timeout(2000) }).then(
        async (answer) => {
          await answer.arrayBuffer()
          return answer.ok
        },
        () => false
      )
    }
    if (!(await eventually(isReady, (ready) => ready, READY_MS))) {
      throw new Error(`${this.name} is not ready: ${this.#readLastWords()}`)
    }
  }

  #readLastWords(): string {
    const { name, logFolder } = this.#options
    return readFileSync(join(logFolder, `${name}.log`), 'utf8')
      .trimEnd()
      .slice(-LAST_WORDS)
  }
}
