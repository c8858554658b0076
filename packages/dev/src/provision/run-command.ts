import { spawn } from 'node:child_process'

export interface CommandResult {
  readonly succeeded: boolean
  /** stdout and stderr as they came. */
  readonly output: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly account?: { readonly uid: number; readonly gid: number } | undefined
  readonly timeoutMs?: number
}

/** Runs a command that ends by itself, with nothing on its standard input; a missing program counts as failed. */
export function runCommand(
  program: string,
  args: readonly string[],
  { account, timeoutMs, ...rest }: CommandOptions = {}
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const timeout = timeoutMs === undefined ? {} : { timeout: timeoutMs }
    const child = spawn(program, args, { ...rest, ...account, ...timeout, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', (error) => resolve({ succeeded: false, output: error.message }))
    child.once('close', (code) => resolve({ succeeded: code === 0, output }))
  })
}
