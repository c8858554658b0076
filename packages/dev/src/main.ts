import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { argv, env, loadEnvFile, stderr, stdout } from 'node:process'
import { runAudit } from './commands/audit.ts'
import { type Run, runDev } from './commands/dev.ts'
import { runStartAlone } from './commands/start-alone.ts'
import { runStatus } from './commands/status.ts'
import { runTests } from './commands/test.ts'
import { describeError, LaunchError } from './launch-error.ts'
import { createCleanup } from './processes/cleanup.ts'
import { listenForEnd } from './processes/listen-for-end.ts'
import { readSettings } from './settings.ts'

/** Resolves to the exit code. */
type Command = (run: Run, args: readonly string[]) => Promise<number>

const commands: Readonly<Record<string, Command>> = {
  dev: runDev,
  status: runStatus,
  test: runTests,
  'start-alone': runStartAlone,
  audit: runAudit
}

const root = join(import.meta.dirname, '..', '..', '..')

function print(line: string): void {
  stdout.write(`${line}\n`)
}

function complain(error: unknown): void {
  const isExpected = error instanceof LaunchError
  stderr.write(`${isExpected || !(error instanceof Error) ? describeError(error) : (error.stack ?? error.message)}\n`)
}

/** What the environment sets wins over `.env`. */
function loadRootEnvFile(): void {
  const file = join(root, '.env')
  if (existsSync(file)) loadEnvFile(file)
}

async function main(): Promise<number> {
  // A terminal that is gone must not keep us from ending what we started.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined)
  const [name = '', ...args] = argv.slice(2)
  const command = commands[name]
  if (command === undefined)
    throw new LaunchError(`unknown command "${name}"; use one of: ${Object.keys(commands).join(', ')}`)
  loadRootEnvFile()
  const stop = new AbortController()
  const cleanup = createCleanup(complain)
  const stopped = new Promise<number>((resolve) => {
    listenForEnd(() => {
      stop.abort()
      resolve(0)
    })
  })
  try {
    const run = { settings: readSettings(root, env), cleanup, print, signal: stop.signal }
    const work = command(run, args)
    work.catch((error: unknown) => stop.signal.aborted || complain(error))
    return await Promise.race([stopped, work.catch(() => 1)])
  } finally {
    stop.abort()
    await cleanup.run()
  }
}

process.exitCode = await main().catch((error: unknown) => {
  complain(error)
  return 1
})
process.exit()
