import { setTimeout as pause } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { createHttpClient } from '../load/http-client.ts'
import { createFinding, type Finding } from '../rounds.ts'
import { createSessionOpener } from '../stack/session-opener.ts'
import { startStack } from '../stack/start-stack.ts'
import { quantile } from '../statistics.ts'
import { type RevocationPlan, revokeSessions, startBackground } from './revocations.ts'
import type { Section } from './section.ts'

const gatewayCounts = [1, 3] as const
const BACKGROUND_START_MS = 1000

/** How long a revoke takes while gateways are busy, and whether any of them accepts the session afterwards. */
export async function measureRevokes(context: Context): Promise<Section> {
  const findings: Finding[] = []
  for (const gateways of gatewayCounts) findings.push(...(await measureWith(context, gateways)))
  return {
    title: 'Revoke',
    findings,
    notes: [`at ${context.options.backgroundRate} other requests a second over all gateways, which share one core`]
  }
}

async function measureWith(context: Context, count: number): Promise<Finding[]> {
  await using scope = new AsyncDisposableStack()
  const { rounds, seconds, backgroundRate } = context.options
  const { gateways, natsUrl } = await startStack(scope, context, { measured: ['gateway'], gateways: count })
  const client = scope.use(createHttpClient())
  const opener = await createSessionOpener(scope, natsUrl)
  const gatewayUrls = gateways.map(({ url }) => url)
  const plan: RevocationPlan = { client, opener, gatewayUrls, seconds: 1 }
  await revokeSessions(plan)

  const name = count === 1 ? 'one gateway' : `${count} gateways`
  const p50: number[] = []
  const p99: number[] = []
  let [revokes, stale] = [0, 0]
  for (let round = 0; round < rounds; round += 1) {
    await using load = new AsyncDisposableStack()
    const { tokens } = await opener.open('session')
    const background = { gatewayUrls, token: tokens.accessToken, ratePerSecond: backgroundRate }
    startBackground(load, { ...background, seconds: seconds + 2, cores: context.cores.load })
    await pause(BACKGROUND_START_MS)
    const { latenciesMs, staleAccepts } = await revokeSessions({ ...plan, seconds })
    p50.push(quantile(latenciesMs, 0.5))
    p99.push(quantile(latenciesMs, 0.99))
    revokes += latenciesMs.length
    stale += staleAccepts
    context.tell(`  round ${round + 1} of ${rounds}, ${name}: p99 ${p99.at(-1)?.toFixed(1)} ms`)
  }
  const id = `revoke/${count}-gateways`
  return [
    createFinding(`${id}-p50`, `${name}, p50`, 'ms', p50),
    createFinding(`${id}-p99`, `${name}, p99`, 'ms', p99),
    createFinding(`${id}-stale`, `${name}, stale accepts of ${revokes} revokes`, 'requests', [stale])
  ]
}
