import { startEphemeralPostgres } from '@latchkey/dev/servers'
import type { Context } from '../context.ts'
import { createHttpClient } from '../load/http-client.ts'
import { measureLoad } from '../load/measure-load.ts'
import { listPeerPlans, type Peer, startPeer } from '../peers/start-peer.ts'
import { type Contestant, type Finding, takeTurns } from '../rounds.ts'
import { startRedis, startStack } from '../stack/start-stack.ts'
import type { Section } from './section.ts'
import { createTokenHolders, type TokenHolders } from './token-holders.ts'
import { measureVerdictMemory } from './verdict-memory.ts'

/** "Who am I", by Latchkey and its peers in turns, and what a verdict costs the gateway in memory. */
export async function measureWhoAmI(context: Context): Promise<Section> {
  await using scope = new AsyncDisposableStack()
  const stack = await startStack(scope, context, { measured: ['gateway'], gateways: 1 })
  const holders = await createTokenHolders(scope, context, stack)
  const memory = await measureVerdictMemory(context, holders)
  const contestants = [...createLatchkeyContestants(context, holders), ...(await startPeers(scope, context, holders))]
  const turns = { unit: 'requests/s', tell: context.tell }
  context.tell('  warming up')
  await takeTurns(contestants, { ...turns, rounds: 1 })
  const rates = await takeTurns(contestants, { ...turns, rounds: context.options.rounds })
  return { title: 'Who am I', findings: [...rates, memory] satisfies Finding[], baseId: 'who-am-i/latchkey-hot' }
}

function createLatchkeyContestants(context: Context, holders: TokenHolders): Contestant[] {
  const { url, pid, tokensFile } = holders
  const { tokens } = context.options
  return [
    {
      id: 'who-am-i/latchkey-hot',
      name: 'Latchkey, one hot token',
      pid,
      run: async () => measureLoad(context, { url, headers: await holders.createHotHeaders() })
    },
    {
      id: 'who-am-i/latchkey-many',
      name: `Latchkey, ${tokens} tokens in turn`,
      pid,
      run: () => measureLoad(context, { url, headers: {}, tokensFile })
    }
  ]
}

async function startPeers(
  scope: AsyncDisposableStack,
  context: Context,
  { createHotHeaders }: TokenHolders
): Promise<Contestant[]> {
  const client = scope.use(createHttpClient())
  const postgres = await startEphemeralPostgres(context.environment)
  scope.defer(postgres.stop)
  const stores = { redisUrl: await startRedis(scope, context), databaseUrl: postgres.url }
  const contestants: Contestant[] = []
  for (const plan of listPeerPlans(stores)) {
    const peer = await startPeer(scope, context, client, plan)
    // Who asks nobody for a token is sent one all the same: a request is the same work to read for everybody.
    contestants.push(
      createPeerContestant(context, plan.signIn === undefined ? { ...peer, createHeaders: createHotHeaders } : peer)
    )
  }
  return contestants
}

function createPeerContestant(context: Context, { id, name, pid, url, createHeaders }: Peer): Contestant {
  const run = async () => measureLoad(context, { url, headers: await createHeaders() })
  return { id: `who-am-i/${id}`, name, pid, run }
}
