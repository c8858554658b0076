import { setTimeout as delay } from 'node:timers/promises'
import { pickFreePort } from '@latchkey/dev/free-port'
import { type EphemeralServer, startEphemeralRedis } from '@latchkey/dev/servers'
import { Redis } from 'ioredis'

export interface RedisCluster {
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
}

interface Master {
  readonly server: EphemeralServer
  readonly busPort: number
  readonly client: Redis
}

/** Each of the three masters serves a third of the 16384 slots. */
const slotRanges: readonly (readonly [number, number])[] = [
  [0, 5460],
  [5461, 10922],
  [10923, 16383]
]

/** The bus port is named, since the default, 10000 above the port, may be past the last one. */
async function startMaster(environment: NodeJS.ProcessEnv): Promise<Master> {
  const busPort = await pickFreePort()
  const args = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', '2000']
  const server = await startEphemeralRedis(environment, args)
  const client = new Redis(server.url)
  client.on('error', () => undefined)
  return { server, busPort, client }
}

async function join(masters: readonly Master[]): Promise<void> {
  for (const [index, { client }] of masters.entries()) {
    const [first, last] = slotRanges[index] ?? [0, 0]
    await client.call('CLUSTER', 'ADDSLOTSRANGE', first, last)
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  }
  const [first, ...others] = masters
  for (const { server, busPort } of others)
    await first?.client.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort)
}

/** Ready when the node knows all three and every slot is served. */
async function isReady({ client }: Master): Promise<boolean> {
  const info = String(await client.call('CLUSTER', 'INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${slotRanges.length}`)
}

/** Three masters, started and joined; `stop` ends them and removes their data. */
export async function formRedisCluster(
  environment: NodeJS.ProcessEnv
): Promise<RedisCluster & { stop(): Promise<void> }> {
  const masters = await Promise.all(slotRanges.map(() => startMaster(environment)))
  await join(masters)
  while (!(await Promise.all(masters.map(isReady))).every((ready) => ready)) await delay(20)
  for (const { client } of masters) client.disconnect()
  return {
    nodes: masters.map(({ server }) => ({ host: '127.0.0.1', port: server.port })),
    stop: async () => void (await Promise.all(masters.map(({ server }) => server.stop())))
  }
}
