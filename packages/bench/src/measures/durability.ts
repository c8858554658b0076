import { startEphemeralRedis } from '@latchkey/dev/servers'
import type { Context } from '../context.ts'
import { forEachPlace } from '../load/closed-loop.ts'
import { createHttpClient } from '../load/http-client.ts'
import { createFinding, type Finding } from '../rounds.ts'
import { bearer } from '../stack/account.ts'
import type { Environment } from '../stack/services.ts'
import { createSessionOpener } from '../stack/session-opener.ts'
import { startStack } from '../stack/start-stack.ts'
import { quantile } from '../statistics.ts'
import type { Section } from './section.ts'
import { CURRENT_SESSION } from './token-holders.ts'

interface Arrangement {
  readonly id: string
  readonly name: string
  readonly fsync: 'everysec' | 'always'
  readonly withReplica: boolean
  readonly environment: Environment
}

const RECORDED = { END_DURABILITY: 'stream' }
/** What an answered end survives, from the least to the most. */
const arrangements: readonly Arrangement[] = [
  {
    id: 'redis',
    name: 'everysec, not awaited in the stream',
    fsync: 'everysec',
    withReplica: false,
    environment: { END_DURABILITY: 'store' }
  },
  { id: 'stream', name: 'everysec', fsync: 'everysec', withReplica: false, environment: RECORDED },
  { id: 'always', name: 'always', fsync: 'always', withReplica: false, environment: RECORDED },
  {
    id: 'replica',
    name: 'everysec, on one replica',
    fsync: 'everysec',
    withReplica: true,
    environment: { ...RECORDED, REDIS_WAIT_REPLICAS: '1' }
  }
]
const ALONE = 100
const TOGETHER = 1000
const AT_ONCE = 32

/** What it costs to end sessions so that less can undo it. */
export async function measureDurability(context: Context): Promise<Section> {
  const findings: Finding[] = []
  for (const arrangement of arrangements) findings.push(...(await measureEnds(context, arrangement)))
  return {
    title: 'Ends that last',
    findings,
    notes: [`sign-outs at one gateway; ${AT_ONCE} at once where ends a second are counted`]
  }
}

async function measureEnds(context: Context, arrangement: Arrangement): Promise<Finding[]> {
  await using scope = new AsyncDisposableStack()
  const redisUrl = await startStore(scope, context, arrangement)
  const { environment, id, name } = arrangement
  const { gateways, natsUrl } = await startStack(scope, context, {
    measured: ['session'],
    gateways: 1,
    redisUrl,
    // A slow disk shall show in the figures and not as an outage.
    environment: { REDIS_TIMEOUT: '5000', ...environment }
  })
  const client = scope.use(createHttpClient())
  const opener = await createSessionOpener(scope, natsUrl)
  const end = async (accessToken: string): Promise<number> => {
    const url = `${gateways[0]?.url}${CURRENT_SESSION}`
    const { status, startedAtMs, endedAtMs } = await client.ask({ method: 'DELETE', url, headers: bearer(accessToken) })
    if (status !== 204) throw new Error(`an end was answered ${status}`)
    return endedAtMs - startedAtMs
  }
  const p50: number[] = []
  const rates: number[] = []
  for (let round = -1; round < context.options.rounds; round += 1) {
    const tokens = new Array<string>(ALONE + TOGETHER)
    await forEachPlace(tokens.length, AT_ONCE, async (place) => {
      tokens[place] = (await opener.open('session')).tokens.accessToken
    })
    const latencies: number[] = []
    for (const token of tokens.slice(0, ALONE)) latencies.push(await end(token))
    const startedAt = performance.now()
    await forEachPlace(TOGETHER, AT_ONCE, async (place) => void (await end(tokens[ALONE + place] ?? '')))
    const rate = (TOGETHER * 1000) / (performance.now() - startedAt)
    // The first round is for warming up.
    if (round < 0) continue
    p50.push(quantile(latencies, 0.5))
    rates.push(rate)
    context.tell(`  round ${round + 1} of ${context.options.rounds}, ${name}: ${rate.toFixed(0)} a second`)
  }
  return [
    createFinding(`durability/${id}-p50`, `${name}, p50`, 'ms', p50),
    createFinding(`durability/${id}-rate`, `${name}, ends`, '1/s', rates)
  ]
}

async function startStore(
  scope: AsyncDisposableStack,
  { environment }: Context,
  { fsync, withReplica }: Arrangement
): Promise<string> {
  const args = ['--appendfsync', fsync, '--repl-diskless-sync-delay', '0']
  const primary = await startEphemeralRedis(environment, args)
  scope.defer(primary.stop)
  if (!withReplica) return primary.url
  const follow = ['--replicaof', `127.0.0.1 ${primary.port}`]
  const replica = await startEphemeralRedis(environment, [...args, ...follow])
  scope.defer(replica.stop)
  return primary.url
}
