import { readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestScope } from '@latchkey/testing/stores'
import type { Environment } from '../environment.ts'
import { runChapter } from './chapter.ts'
import { checkHistory, cutWindow, type Violation } from './check-history.ts'
import type { History } from './history.ts'
import type { Habits } from './life.ts'
import { type Platform, type PlatformOptions, startPlatform } from './platform.ts'
import { createRandom } from './random.ts'
import { summarize } from './report.ts'
import { everything, type Plan } from './schedule.ts'

export interface RunOptions {
  readonly seed: number
  readonly seconds: number
  readonly users: number
  readonly plan: Plan
  readonly habits: Habits
  readonly stopsAtBreach: boolean
  readonly startPlatform: (t: TestScope, options: PlatformOptions) => Promise<Platform>
  /** Looks at what else has to be true of a chapter once everything was started anew. */
  readonly inspect?: (platform: Platform, history: History) => Promise<readonly Violation[]>
  /** A test build, and what it is told. */
  readonly build: { readonly conditions: readonly string[]; readonly environment: Environment }
  readonly tell: (line: string) => void
}

export interface Run {
  readonly violations: readonly Violation[]
  readonly seconds: number
  /** What there is to judge whether the run was worth anything. */
  readonly accepted: number
  readonly ended: number
}

/** Users as they are, on a platform as it ships, and everything that can go wrong. */
export const ordinary: Omit<RunOptions, 'seed' | 'seconds' | 'tell'> = {
  users: 8,
  plan: everything,
  habits: { routes: [], sessions: [2, 3], socketsPerGateway: 2, lifeMs: [100, 900], afterMs: [80, 250], churn: 0.4 },
  stopsAtBreach: false,
  startPlatform,
  build: { conditions: [], environment: {} }
}

/** A longer run is several of these on one platform, each checked at its end: a history has to fit into memory. */
const CHAPTER_SECONDS = 60
const MAX_TOLD = 10
const LAST_LINES = 200

export async function runHistory(t: TestScope, options: RunOptions): Promise<Run> {
  const { seed, seconds, build, tell } = options
  tell(`seed ${seed}`)
  const random = createRandom(String(seed))
  const { conditions, environment } = build
  const platform = await options.startPlatform(t, { random: random.fork('links'), overrides: environment, conditions })
  const startedAt = performance.now()
  const run = { violations: [] as Violation[], accepted: 0, ended: 0 }
  for (let chapter = 0, left = seconds; left > 0 && run.violations.length === 0; chapter += 1) {
    const length = Math.min(left, CHAPTER_SECONDS)
    left -= length
    tell(`chapter ${chapter}, ${length} s`)
    const history = await runChapter({
      ...options,
      platform,
      seconds: length,
      random: random.fork(`chapter ${chapter}`)
    })
    tell(summarize(history))
    run.violations.push(...checkHistory(history), ...((await options.inspect?.(platform, history)) ?? []))
    run.accepted += history.uses.filter(({ outcome }) => outcome === 'accepted').length
    run.ended += history.ends.filter(({ outcome }) => outcome === 'ok').length
    if (run.violations.length > 0)
      await tellViolations(run.violations, history, { ...options, logFolder: platform.logFolder })
  }
  return { ...run, seconds: (performance.now() - startedAt) / 1000 }
}

async function tellViolations(
  violations: readonly Violation[],
  history: History,
  { seed, seconds, users, tell, logFolder }: RunOptions & { readonly logFolder: string }
): Promise<void> {
  for (const { invariant, session, at, text } of violations.slice(0, MAX_TOLD)) {
    tell(`${invariant} at ${at.toFixed(1)} ms, session ${session ?? '-'}: ${text}`)
  }
  if (violations.length > MAX_TOLD) tell(`... and ${violations.length - MAX_TOLD} more`)
  const [first] = violations
  if (first === undefined) return
  const file = join(tmpdir(), `latchkey-history-${seed}.json`)
  await writeFile(
    file,
    JSON.stringify({ seed, violations, window: cutWindow(history, first), said: await readLogs(logFolder) }, null, 2)
  )
  tell(`history around the first one: ${file}`)
  tell(`again: pnpm test:history -- --seed ${seed} --seconds ${seconds} --users ${users}`)
}

/** The last words of each service. */
async function readLogs(folder: string): Promise<Record<string, readonly string[]>> {
  const names = await readdir(folder)
  const read = async (name: string) => [
    name,
    (await readFile(join(folder, name), 'utf8')).split('\n').slice(-LAST_LINES)
  ]
  return Object.fromEntries(await Promise.all(names.map(read)))
}
