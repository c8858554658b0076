import { setTimeout as delay } from 'node:timers/promises'
import type { Account } from './account.ts'
import { Administrator } from './administrator.ts'
import { Faults } from './faults.ts'
import { GatewayClient } from './gateway-client.ts'
import type { History } from './history.ts'
import { type Habits, live } from './life.ts'
import type { Mails } from './mailed-links.ts'
import { type Platform, restartAll } from './platform.ts'
import type { Random } from './random.ts'
import { Recorder } from './recorder.ts'
import { describeFault, drawSchedule, type Plan, type Step } from './schedule.ts'
import { awaitLive, measureHits, probe } from './settle.ts'
import { watchStalls } from './stalls.ts'

export interface ChapterOptions {
  readonly platform: Platform
  readonly random: Random
  readonly seconds: number
  readonly plan: Plan
  readonly habits: Habits
  /** Users that live at the same time. */
  readonly users: number
  /** Ends at the first acceptance after an end, and leaves out what is only seen at the end of a whole chapter. */
  readonly stopsAtBreach: boolean
  readonly tell: (line: string) => void
}

/** Nothing goes wrong so long: then nothing may be unavailable. */
const HEALTHY_MS = 4000
/** A life that is over makes room for the next; one that failed to begin does so a little later. */
const PAUSE_MS = 20
const PAUSE_AFTER_FAILURE_MS = 250

/** Users live on the platform while things go wrong. Returns all that was asked and answered. */
export async function runChapter(options: ChapterOptions): Promise<History> {
  const { platform, random, seconds, plan, stopsAtBreach, tell } = options
  const gateways = platform.gatewayUrls.map((url, index) => new GatewayClient(index, url))
  const recorder = new Recorder(gateways.length)
  const administrator = await Administrator.appoint({ databaseUrl: platform.databaseUrl, gateways, recorder })
  const unwatch = watchStalls(recorder)
  const startedAt = performance.now()
  const healthyMs = stopsAtBreach ? 500 : HEALTHY_MS
  const schedule = drawSchedule(plan, random.fork('schedule'), healthyMs, Math.max(healthyMs, seconds * 1000))
  tellSchedule(schedule, startedAt, tell)

  const phase = { isOver: false }
  const accounts: Account[] = []
  const lives = startLives(options, {
    gateways,
    recorder,
    administrator,
    mails: platform.mail,
    accounts,
    isOver: () => phase.isOver
  })
  const goesOn = () => !(stopsAtBreach && recorder.hasBreach)
  await disturb({ platform, recorder, plan, schedule, startedAt, healthyMs, goesOn, untilMs: seconds * 1000 })
  phase.isOver = true
  if (stopsAtBreach) for (const gateway of gateways) gateway.close()
  const liveAfterMs = stopsAtBreach ? 0 : await awaitLive(gateways)
  await lives
  if (!stopsAtBreach) {
    recorder.noteRecovery({ liveAfterMs, hitRatio: await measureHits(accounts, { gateways, recorder, random }) })
    recorder.noteDisturbance(await timed('everything is started anew', () => restartAll(platform)))
    await probe(accounts, gateways, recorder)
  }
  unwatch()
  for (const gateway of gateways) gateway.close()
  return recorder.history
}

function tellSchedule(schedule: readonly Step[], startedAt: number, tell: ChapterOptions['tell']): void {
  for (const { at, forMs, fault } of schedule) {
    tell(
      `  ${(startedAt + at).toFixed(0).padStart(8)} ms  for ${String(forMs).padStart(4)} ms  ${describeFault(fault)}`
    )
  }
}

interface Stage {
  readonly gateways: readonly GatewayClient[]
  readonly recorder: Recorder
  readonly administrator: Administrator
  readonly mails: Mails
  readonly accounts: Account[]
  readonly isOver: () => boolean
}

async function startLives({ random, habits, users }: ChapterOptions, stage: Stage): Promise<void> {
  let count = 0
  const next = async () => {
    while (!stage.isOver()) {
      const number = count
      count += 1
      // The name is new with each run, since accounts stay; what its owner does is told by the number alone.
      const name = `life-${number}-${process.hrtime.bigint().toString(36)}`
      const account = await live({ ...stage, name, habits, random: random.fork(`life ${number}`) })
      stage.accounts.push(account)
      await delay(account.sessions.length === 0 ? PAUSE_AFTER_FAILURE_MS : PAUSE_MS)
    }
  }
  await Promise.all(Array.from({ length: users }, next))
}

interface Disturbing {
  readonly platform: Platform
  readonly recorder: Recorder
  readonly plan: Plan
  readonly schedule: readonly Step[]
  readonly startedAt: number
  readonly healthyMs: number
  readonly untilMs: number
  readonly goesOn: () => boolean
}

/** Resolves when the time is over and all is right again. */
async function disturb(options: Disturbing): Promise<void> {
  const { platform, recorder, plan, schedule, startedAt, healthyMs, untilMs, goesOn } = options
  const faults = new Faults(platform)
  const until = async (ms: number) => {
    while (goesOn() && performance.now() < startedAt + ms)
      await delay(Math.min(100, Math.max(1, startedAt + ms - performance.now())))
  }
  await until(healthyMs)
  const start = performance.now()
  const heals = await Promise.all(plan.always.map((fault) => faults.begin(fault)))
  const running: Promise<void>[] = []
  for (const { at, forMs, fault } of schedule) {
    await until(at)
    if (!goesOn()) break
    running.push(noteFault(recorder, describeFault(fault), (happens) => faults.run(fault, forMs, happens)))
  }
  await until(untilMs)
  await Promise.all(running)
  for (const heal of heals) await heal()
  if (plan.always.length > 0) recorder.noteDisturbance({ name: 'always', start, end: performance.now() })
}

async function noteFault(recorder: Recorder, name: string, run: (happens: () => void) => Promise<void>): Promise<void> {
  let start = performance.now()
  await run(() => {
    start = performance.now()
  })
  recorder.noteDisturbance({ name, start, end: performance.now() })
}

async function timed(name: string, work: () => Promise<void>) {
  const start = performance.now()
  await work()
  return { name, start, end: performance.now() }
}
