import { setTimeout as delay } from 'node:timers/promises'
import { signInAccount } from '../../history/account.ts'
import { Crowd } from '../crowd.ts'
import { findP99 } from '../judge.ts'
import { Load, NOTHING } from '../load.ts'
import type { Observed } from '../observed.ts'
import type { Scenario, Seen, Stage } from '../scenario.ts'

/** Hashing as strong as it is in production. */
const STRONG = { ARGON2_MEMORY_KIB: '19456', ARGON2_PASSES: '2' }
const MEASURE_MS = 3000
const BURST_MS = 6000
const AT_ONCE = 8
const TIMES_OVER = 10
/** What asks has to live on the same machine. */
const MAX_RATE = 400
/** Who is refused is so at once; on a busy machine that is not measured to the millisecond. */
const AT_ONCE_MS = 1000

interface Burst {
  readonly kneePerSecond: number
  readonly observed: readonly Observed[]
  readonly seconds: number
}

/** How many sign-ins a second are answered when as many ask as can be served. */
async function measureKnee({ platform, crowd, random }: Stage): Promise<number> {
  const until = performance.now() + MEASURE_MS
  let answered = 0
  const next = async () => {
    while (performance.now() < until) {
      const { session } = await signInAccount(random.pick(platform.gateways), random.pick(crowd.signers))
      if (session !== undefined) answered += 1
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
  return answered / (MEASURE_MS / 1000)
}

/** Resolves after a while; the burst goes on until it is stopped, which tells what became of it. */
async function beginBurst(stage: Stage): Promise<() => Promise<Burst>> {
  const { platform, random } = stage
  const kneePerSecond = await measureKnee(stage)
  const crowd = new Crowd()
  crowd.signers.push(...stage.crowd.signers)
  const rates = { ...NOTHING, signIn: Math.min(MAX_RATE, kneePerSecond * TIMES_OVER) }
  const load = new Load({ crowd, gateways: platform.gateways, rates, random: random.fork('burst') })
  const begunAt = performance.now()
  await delay(BURST_MS)
  return async () => {
    const seconds = (performance.now() - begunAt) / 1000
    return { kneePerSecond, observed: await load.stop(), seconds }
  }
}

function judgeBurst({ observed, kneePerSecond, seconds }: Burst, { during }: Seen): string[] {
  const served = observed.filter(({ verdict }) => verdict === 'good')
  const refused = observed.filter(({ verdict }) => verdict === 'unavailable' || verdict === 'limited')
  const others = observed.filter((each) => !served.includes(each) && !refused.includes(each))
  const slowest = refused.map(({ start, end }) => end - start).toSorted((a, b) => a - b)
  const median = slowest[Math.floor(slowest.length / 2)] ?? 0
  const goodput = served.length / seconds
  return [
    ...others.slice(0, 3).map(({ detail }) => `a sign-in of the burst is answered ${detail}`),
    ...(refused.length === 0 ? ['nobody was refused: the burst was none'] : []),
    ...(median > AT_ONCE_MS ? [`half of the refused wait longer than ${median.toFixed(0)} ms`] : []),
    ...(goodput < kneePerSecond / 2 ? [`${goodput.toFixed(0)} of ${kneePerSecond.toFixed(0)} sign-ins a second`] : []),
    ...(findP99(during) > AT_ONCE_MS ? [`accesses wait ${findP99(during).toFixed(0)} ms`] : [])
  ]
}

/** For the table: what the burst came to. */
function describeBurst({ observed, kneePerSecond, seconds }: Burst): string[] {
  const of = (wanted: Observed['verdict']) => observed.filter(({ verdict }) => verdict === wanted)
  const refused = [...of('unavailable'), ...of('limited')]
    .map(({ start, end }) => end - start)
    .toSorted((a, b) => a - b)
  const [median, worst] = [
    refused[Math.floor(refused.length / 2)] ?? 0,
    refused[Math.floor(refused.length * 0.99)] ?? 0
  ]
  return [
    `${kneePerSecond.toFixed(0)} sign-ins a second can be served; of ${(observed.length / seconds).toFixed(0)} a second ${(of('good').length / seconds).toFixed(0)} are, the others refused after ${median.toFixed(0)} ms (p99 ${worst.toFixed(0)} ms)`
  ]
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
    describe: () => (burst === undefined ? [] : describeBurst(burst)),
    check: (seen) => (burst === undefined ? ['there was no burst'] : judgeBurst(burst, seen))
  }
}

export const overloadScenarios: readonly Scenario[] = [createOverload()]
