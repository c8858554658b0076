import type { Context } from '../context.ts'
import { createHttpClient } from '../load/http-client.ts'
import { pinThisProcess } from '../processes/cores.ts'
import { createFinding, type Finding } from '../rounds.ts'
import { createSessionOpener } from '../stack/session-opener.ts'
import { startStack } from '../stack/start-stack.ts'
import { quantile } from '../statistics.ts'
import { type RevocationPlan, revokeSessions, startBackground } from './revocations.ts'
import type { Section } from './section.ts'

const gatewayCounts = [1, 3] as const
const HAMMERS_PER_GATEWAY = 2
/** A revoke is not what runs most often: it takes some hundred until its code is compiled. */
const WARM_UP_SECONDS = 10

/** How long a revoke takes while gateways are busy, and whether any of them accepts the session afterwards. */
export async function measureRevokes(context: Context): Promise<Section> {
  const findings: Finding[] = []
  for (const gateways of gatewayCounts) findings.push(...(await measureWith(context, gateways)))
  return {
    title: 'Revoke',
    findings,
    notes: [
      `at ${context.options.backgroundRate} other requests a second over all gateways`,
      'on all cores: a revoke goes through six processes, and pinning would measure how they wait for one another',
      `hammered: ${HAMMERS_PER_GATEWAY} clients at each gateway use the token right through its end, and ask for more than the machine has`
    ]
  }
}

async function measureWith(context: Context, count: number): Promise<Finding[]> {
  await using scope = new AsyncDisposableStack()
  const { cores, options } = context
  pinThisProcess(cores.all)
  scope.defer(() => pinThisProcess(cores.neighbours))
  const { gateways, natsUrl } = await startStack(scope, context, { measured: 'everything', gateways: count })
  const client = scope.use(createHttpClient())
  const opener = await createSessionOpener(scope, natsUrl)
  const gatewayUrls = gateways.map(({ url }) => url)
  const plan = { client, opener, gatewayUrls, seconds: options.seconds, hammersPerGateway: 0 }
  await revokeSessions({ ...plan, hammersPerGateway: HAMMERS_PER_GATEWAY, seconds: WARM_UP_SECONDS })
  const { tokens } = await opener.open('session')
  const background = { gatewayUrls, token: tokens.accessToken, ratePerSecond: options.backgroundRate }
  await startBackground(scope, { ...background, cores: cores.all })

  const name = count === 1 ? 'one gateway' : `${count} gateways`
  const calm = await measureRounds(context, plan, name)
  const hammered = await measureRounds(
    context,
    { ...plan, hammersPerGateway: HAMMERS_PER_GATEWAY },
    `${name}, hammered`
  )
  const id = `revoke/${count}-gateways`
  const stale = calm.stale + hammered.stale
  return [
    createFinding(`${id}-p50`, `${name}, p50`, 'ms', calm.p50),
    createFinding(`${id}-p99`, `${name}, p99`, 'ms', calm.p99),
    createFinding(`${id}-hammered-p50`, `${name}, hammered, p50`, 'ms', hammered.p50),
    createFinding(`${id}-hammered-p99`, `${name}, hammered, p99`, 'ms', hammered.p99),
    createFinding(`${id}-stale`, `${name}, stale accepts of ${calm.revokes + hammered.revokes} revokes`, 'requests', [
      stale
    ])
  ]
}

async function measureRounds({ options, tell }: Context, plan: RevocationPlan, name: string) {
  const p50: number[] = []
  const p99: number[] = []
  let [revokes, stale] = [0, 0]
  for (let round = 0; round < options.rounds; round += 1) {
    const { latenciesMs, staleAccepts } = await revokeSessions(plan)
    p50.push(quantile(latenciesMs, 0.5))
    p99.push(quantile(latenciesMs, 0.99))
    revokes += latenciesMs.length
    stale += staleAccepts
    tell(`  round ${round + 1} of ${options.rounds}, ${name}: p99 ${p99.at(-1)?.toFixed(1)} ms`)
  }
  return { p50, p99, revokes, stale }
}
