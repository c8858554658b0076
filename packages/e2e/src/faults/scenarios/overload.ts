import { setTimeout as delay } from 'node:timers/promises'
import { signInAccount } from '../../history/account.ts'
import { Crowd } from '../crowd.ts'
import { findP99 } from '../judge.ts'
import { Load, NOTHING } from '../load.ts'
import type { Observed } from '../observed.ts'
import { measureKnee } from '../open-loop.ts'
import { percentile } from '../percentile.ts'
import type { Scenario, Seen, Stage } from '../scenario.ts'

/** Hashing as strong as it is in production. */
const STRONG = { ARGON2_MEMORY_KIB: '19456', ARGON2_PASSES: '2' }
const MEASURE_MS = 3000
const BURST_MS = 6000
const AT_ONCE = 8
const TIMES_OVER = 10
/** What asks has to live on the same machine. */
const MAX_RATE = 400
const GOODPUT_SHARE = 0.8
/** Half of those who are refused are so at once. */
const REFUSED_WITHIN_MS = 100
/** Accesses wait no more than so many times what they did before, or so long, where that is longer. */
const ACCESS_TIMES = 2
const ACCESS_WITHIN_MS = 250
/** More skipped, and it was not the load that was meant. */
const SKIPPED_SHARE = 0.1

interface Burst {
  readonly kneePerSecond: number
  readonly begunAt: number
  readonly stoppedAt: number
  readonly observed: readonly Observed[]
  /** Requests that were due and not sent. */
  readonly skipped: number
}

/** Resolves after a while; the burst goes on until it is stopped, which tells what became of it. */
async function beginBurst(stage: Stage): Promise<() => Promise<Burst>> {
  const { platform, random } = stage
  const { signers } = stage.crowd
  const kneePerSecond = await measureKnee(AT_ONCE, MEASURE_MS, async () => {
    const { session } = await signInAccount(random.pick(platform.gateways), random.pick(signers))
    return session !== undefined
  })
  const crowd = new Crowd()
  crowd.signers.push(...signers)
  const rates = { ...NOTHING, signIn: Math.min(MAX_RATE, kneePerSecond * TIMES_OVER) }
  const load = new Load({ crowd, gateways: platform.gateways, rates, random: random.fork('burst') })
  const begunAt = performance.now()
  await delay(BURST_MS)
  return async () => {
    const stoppedAt = performance.now()
    return { kneePerSecond, begunAt, stoppedAt, observed: await load.stop(), skipped: load.skipped }
  }
}

function fateOf({ verdict }: Observed): 'served' | 'refused' | 'others' {
  if (verdict === 'good') return 'served'
  return verdict === 'unavailable' || verdict === 'limited' ? 'refused' : 'others'
}

function divide({ observed }: Burst) {
  const { served = [], refused = [], others = [] } = Object.groupBy(observed, fateOf)
  return { served, refused, others }
}

/** Requests a second: what was asked, and what was served before the burst was over. */
function ratesOf(burst: Burst) {
  const { observed, begunAt, stoppedAt } = burst
  const seconds = (stoppedAt - begunAt) / 1000
  const inTime = divide(burst).served.filter(({ end }) => end <= stoppedAt)
  return { asked: observed.length / seconds, served: inTime.length / seconds }
}

function judgeBurst(burst: Burst, { before, during }: Seen): string[] {
  const { observed, kneePerSecond, skipped } = burst
  const { refused, others } = divide(burst)
  const median = percentile(refused, 50)
  const goodput = ratesOf(burst).served
  const accessMs = findP99(during)
  const mayTakeMs = Math.max(ACCESS_TIMES * findP99(before), ACCESS_WITHIN_MS)
  return [
    ...others.slice(0, 3).map(({ detail }) => `a sign-in of the burst is answered ${detail}`),
    ...(refused.length === 0 ? ['nobody was refused: the burst was none'] : []),
    ...(skipped > (observed.length + skipped) * SKIPPED_SHARE
      ? [`${skipped} sign-ins were not asked for: too many were under way`]
      : []),
    ...(median > REFUSED_WITHIN_MS ? [`half of the refused wait longer than ${median.toFixed(0)} ms`] : []),
    ...(goodput < kneePerSecond * GOODPUT_SHARE
      ? [`${goodput.toFixed(0)} of ${kneePerSecond.toFixed(0)} sign-ins a second`]
      : []),
    ...(accessMs > mayTakeMs ? [`accesses wait ${accessMs.toFixed(0)} ms instead of ${mayTakeMs.toFixed(0)} ms`] : [])
  ]
}

/** For the table: what the burst came to. */
function describeBurst(burst: Burst): string {
  const { kneePerSecond, skipped } = burst
  const { refused } = divide(burst)
  const { asked, served } = ratesOf(burst)
  const rates = [kneePerSecond, asked, served].map((rate) => rate.toFixed(0))
  const [median, worst] = [50, 99].map((percent) => percentile(refused, percent).toFixed(0))
  return [
    `${rates[0]} sign-ins a second can be served; of ${rates[1]} a second ${rates[2]} are,`,
    `the others refused after ${median} ms (p99 ${worst} ms); ${skipped} were not asked for`
  ].join(' ')
}

function createOverload(): Scenario {
  let burst: Burst | undefined
  return {
    name: 'sign-in-overload',
    fault: 'ten times as many sign in as can be served',
    forMs: 0,
    environment: STRONG,
    stays: ['access', 'refresh', 'revoke'],
    begin: async (stage) => {
      const stop = await beginBurst(stage)
      return async () => {
        burst = await stop()
      }
    },
    describe: () => (burst === undefined ? [] : [describeBurst(burst)]),
    check: (seen) => (burst === undefined ? ['there was no burst'] : judgeBurst(burst, seen))
  }
}

export const overloadScenarios: readonly Scenario[] = [createOverload()]
