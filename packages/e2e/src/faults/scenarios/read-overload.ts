import { setTimeout as delay } from 'node:timers/promises'
import { verdictMessages } from '@latchkey/contracts/verdict'
import { latestToken } from '../../history/account.ts'
import type { Answered } from '../../history/gateway-client.ts'
import { changeNatsUser } from '../../nats-users.ts'
import { eventually } from '../../people.ts'
import { slow } from '../break.ts'
import { findP99 } from '../judge.ts'
import { KINDS } from '../observed.ts'
import { askAtRate, measureKnee } from '../open-loop.ts'
import { percentile } from '../percentile.ts'
import type { Heal, Scenario, Seen, Stage } from '../scenario.ts'
import { readVerdicts } from '../verdict-modes.ts'

const REDIS_TIMEOUT_MS = 1000
const AT_ONCE = 96
const KNEE_MS = 3000
const BURST_MS = 8000
const TIMES_OVER = 10
const GOODPUT_SHARE = 0.8
/** Of a request that is served, and of one that is refused. */
const SERVED_WITHIN_MS = 2000
const REFUSED_WITHIN_MS = 1000
const ACCESS_WITHIN_MS = 1000
const HEALTHY_WITHIN_MS = 1000
const LOOK_MS = 100
const NOTICED_WITHIN_MS = 5000

interface Burst {
  readonly kneePerSecond: number
  readonly startedAt: number
  readonly stoppedAt: number
  readonly answers: readonly Answered[]
  readonly sick: readonly string[]
  /** Requests that were due and not made: whoever asks could do no more. */
  readonly skipped: number
}

/** Whether processes answer for their health while others ask too much of them. */
function watchHealth({ platform: { services } }: Stage): () => Promise<readonly string[]> {
  const sick: string[] = []
  let isOver = false
  const watch = async (name: string, port: number) => {
    while (!isOver) {
      const signal = AbortSignal.timeout(HEALTHY_WITHIN_MS)
      const isWell = await fetch(`http://127.0.0.1:${port}/healthz`, { signal })
        .then(async (answer) => (await answer.text()) !== '' && answer.ok)
        .catch(() => false)
      if (!isWell) sick.push(name)
      await delay(LOOK_MS)
    }
  }
  const watching = services.map(({ name, port }) => watch(name, port))
  return async () => {
    isOver = true
    await Promise.all(watching)
    return sick
  }
}

async function overload(stage: Stage, ask: () => Promise<Answered>): Promise<Burst> {
  const kneePerSecond = await measureKnee(AT_ONCE, KNEE_MS, async () => (await ask()).status === 200)
  const stopWatching = watchHealth(stage)
  const startedAt = performance.now()
  const burst = askAtRate(kneePerSecond * TIMES_OVER, ask)
  await delay(BURST_MS)
  const stoppedAt = performance.now()
  const answers = await burst.stop()
  return { kneePerSecond, startedAt, stoppedAt, answers, sick: await stopWatching(), skipped: burst.skipped }
}

type Fate = 'served' | 'refused' | 'neither'

function fateOf({ status, retryAfter }: Answered): Fate {
  if (status === 200) return 'served'
  return (status === 503 || status === 429) && retryAfter !== undefined ? 'refused' : 'neither'
}

function divide({ answers }: Pick<Burst, 'answers'>) {
  const { served = [], refused = [], neither = [] } = Object.groupBy(answers, fateOf)
  return { served, refused, neither }
}

/** Answers a second, all and those that served, while the burst lasted; the last ones come after it. */
function ratesOf({ answers, startedAt, stoppedAt }: Burst) {
  const seconds = (stoppedAt - startedAt) / 1000
  const inTime = answers.filter(({ end }) => end <= stoppedAt)
  return { answered: inTime.length / seconds, served: divide({ answers: inTime }).served.length / seconds, inTime }
}

function judge(burst: Burst, { during }: Seen): string[] {
  const { kneePerSecond, sick, skipped } = burst
  const { served, refused, neither } = divide(burst)
  const { served: goodput, inTime } = ratesOf(burst)
  const [slowest, latest] = [percentile(served, 99), percentile(refused, 99)]
  return [
    ...neither
      .slice(0, 3)
      .map(({ status, text }) => `a request of the burst is answered ${status} ${text.slice(0, 80)}`),
    ...(refused.length === 0 ? ['nobody was refused: the burst was none'] : []),
    ...(skipped > inTime.length ? [`${skipped} requests could not be made: the burst was none`] : []),
    ...(goodput < kneePerSecond * GOODPUT_SHARE
      ? [`${goodput.toFixed(0)} of ${kneePerSecond.toFixed(0)} a second are served`]
      : []),
    ...(slowest > SERVED_WITHIN_MS ? [`who is served waits ${slowest.toFixed(0)} ms (p99)`] : []),
    ...(latest > REFUSED_WITHIN_MS ? [`who is refused waits ${latest.toFixed(0)} ms (p99)`] : []),
    ...(findP99(during) > ACCESS_WITHIN_MS ? [`accesses wait ${findP99(during).toFixed(0)} ms`] : []),
    ...(sick.length > 0 ? [`no answer for its health ${sick.length} times: ${[...new Set(sick)].join(', ')}`] : [])
  ]
}

function describeBurst(burst: Burst): string {
  const { served, refused } = divide(burst)
  const { answered, served: goodput } = ratesOf(burst)
  const times = (some: readonly Answered[]) =>
    `${percentile(some, 50).toFixed(0)} ms (p99 ${percentile(some, 99).toFixed(0)} ms)`
  const rates = [burst.kneePerSecond, answered, goodput].map((rate) => rate.toFixed(0))
  return [
    `${rates[0]} a second can be served; of ${rates[1]} a second ${rates[2]} are, after ${times(served)},`,
    `the others refused after ${times(refused)}`
  ].join(' ')
}

/** Findings where the session service has refused nothing of the kind for want of room. */
async function findNotRefused({ platform }: Stage, kind: string): Promise<string[]> {
  const page = await fetch(`http://127.0.0.1:${platform.service('session-1').port}/metrics`)
  const counted = new RegExp(`^latchkey_store_queue_refused_total\\{[^}]*kind="${kind}"[^}]*\\} [1-9]`, 'm')
  return counted.test(await page.text()) ? [] : [`the session service has refused no ${kind}`]
}

interface Reading {
  readonly name: string
  readonly what: string
  readonly path: string
  /** A store as slow as this makes few requests many: what asks has to live on the same machine. */
  readonly slownessMs: number
  /** Which commands the session service is to refuse: what else is in short supply must not be the reason. */
  readonly refuses: string
  /** Makes the reads ask the services each time. */
  readonly begin?: (stage: Stage) => Promise<Heal>
  readonly stays: Scenario['stays']
}

function createReading({ name, what, path, slownessMs, refuses, begin, stays }: Reading): Scenario {
  let burst: Burst | undefined
  return {
    name,
    fault: `ten times as many ${what} as the store, which has become slow, can answer`,
    forMs: 0,
    // Thousands wait at once.
    maxGrowthMib: 128,
    environment: { REDIS_TIMEOUT: String(REDIS_TIMEOUT_MS) },
    ...(stays === undefined ? {} : { stays }),
    begin: async (stage) => {
      const { platform, crowd, random } = stage
      const heals = [slow([platform.link('session-1:redis')], slownessMs), await begin?.(stage)]
      burst = await overload(stage, () => {
        const { session } = random.pick(crowd.steady)
        const question = { method: 'GET', path, token: latestToken(session), deadlineMs: 5000 }
        return random.pick(platform.gateways).ask(question)
      })
      return async () => {
        for (const heal of heals) await heal?.()
      }
    },
    describe: () => (burst === undefined ? [] : [describeBurst(burst)]),
    check: async (seen) =>
      burst === undefined ? ['there was no burst'] : [...judge(burst, seen), ...(await findNotRefused(seen, refuses))]
  }
}

/** Gateways that may not hear what has changed ask for each request. */
async function keepNothing({ platform }: Stage): Promise<Heal> {
  const without = (rights: string) => rights.replace(`"${verdictMessages.announced.subject}",`, '')
  await platform.nats.reconfigure((text) => changeNatsUser(text, 'gateway', without))
  const isAsking = (modes: string) => modes === 'asking asking'
  const modes = await eventually(() => readVerdicts(platform), isAsking, NOTICED_WITHIN_MS)
  if (!isAsking(modes)) throw new Error(`verdicts of the gateways are ${modes}`)
  return () => platform.nats.reconfigure()
}

export const readOverloads: readonly Scenario[] = [
  createReading({
    name: 'list-overload',
    what: 'people list their sessions',
    path: '/v1/sessions?limit=1',
    slownessMs: 120,
    refuses: 'other',
    stays: KINDS
  }),
  createReading({
    name: 'who-am-i-overload',
    what: 'people ask who they are, at gateways that keep no verdicts,',
    path: '/v1/sessions/current',
    slownessMs: 200,
    refuses: 'verdict',
    begin: keepNothing,
    stays: undefined
  })
]
