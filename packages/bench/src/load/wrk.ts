import { execFile } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pin } from '../processes/cores.ts'
import type { Load, LoadGenerator, LoadResult, Target } from './load-generator.ts'

const run = promisify(execFile)
const { PRIORITY_BELOW_NORMAL } = constants.priority
const roundRobin = fileURLToPath(new URL('./round-robin.lua', import.meta.url))
const GRACE_MS = 60_000
/** A peer may be slow; only what is never answered has failed. */
const ANSWER_WITHIN_SECONDS = 30

export const wrk: LoadGenerator = {
  name: 'wrk',
  run: async (target, load) => {
    const [program, ...args] = pin(load.cores, ['wrk', ...createArguments(target, load)])
    const running = run(program, args, { timeout: load.seconds * 1000 + GRACE_MS, killSignal: 'SIGKILL' })
    // It uses all it gets: whatever stands behind the measured server, and may share its core, goes first.
    if (running.child.pid !== undefined) setPriority(running.child.pid, PRIORITY_BELOW_NORMAL)
    const { stdout } = await running
    return readOutput(stdout)
  }
}

function createArguments({ url, headers, tokensFile }: Target, { seconds, connections }: Load): string[] {
  const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const script = tokensFile === undefined ? [] : ['-s', roundRobin]
  const scriptArguments = tokensFile === undefined ? [] : ['--', tokensFile]
  return [
    '-t1',
    `--timeout=${ANSWER_WITHIN_SECONDS}s`,
    `-c${connections}`,
    `-d${seconds}s`,
    ...script,
    ...lines,
    url,
    ...scriptArguments
  ]
}

/** The summary wrk prints. Throws when there is none. */
export function readOutput(output: string): LoadResult {
  const rate = /^Requests\/sec:\s+([\d.]+)/m.exec(output)?.[1]
  if (rate === undefined) throw new Error(`wrk did not say a rate: ${output.slice(0, 200)}`)
  const refused = Number(/^\s*Non-2xx or 3xx responses: (\d+)/m.exec(output)?.[1] ?? 0)
  const errors = /^\s*Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/m.exec(output)
  const lost = (errors ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0)
  return { requestsPerSecond: Number(rate), failures: refused + lost }
}
