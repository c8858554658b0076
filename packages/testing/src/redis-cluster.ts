import { setTimeout as delay } from 'node:timers/promises'
import { pickFreePort } from '@latchkey/dev/free-port'
import { type EphemeralServer, startEphemeralRedis } from '@latchkey/dev/servers'
import { Redis } from 'ioredis'

export interface RedisCluster {
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  /** The servers: the three primaries, then, where they were wanted, the replica of each in the same order. */
  readonly servers: readonly Omit<EphemeralServer, 'stop'>[]
}

export interface RedisClusterOptions {
  /** One replica for each primary, ready to take over. */
  readonly withReplicas?: boolean
  /** More arguments of each redis-server. */
  readonly args?: readonly string[]
}

interface Node {
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
/** Longer than a busy machine stops anybody. */
const NODE_TIMEOUT_MS = '2000'

/** The bus port is named, since the default, 10000 above the port, may be past the last one. */
async function startNode(environment: NodeJS.ProcessEnv, more: readonly string[]): Promise<Node> {
  const busPort = await pickFreePort()
  const args = [
    ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', NODE_TIMEOUT_MS],
    ...['--repl-diskless-sync-delay', '0', ...more]
  ]
  const server = await startEphemeralRedis(environment, args)
  const client = new Redis(server.url)
  client.on('error', () => undefined)
  return { server, busPort, client }
}

async function join(nodes: readonly Node[]): Promise<void> {
  for (const [index, { client }] of nodes.entries()) {
    const range = slotRanges[index]
    if (range !== undefined) await client.call('CLUSTER', 'ADDSLOTSRANGE', ...range)
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  }
  const [first, ...others] = nodes
  for (const { server, busPort } of others)
    await first?.client.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort)
}

/** The replica of each primary follows the three of them. */
async function replicate(nodes: readonly Node[]): Promise<void> {
  for (const [index, { client }] of nodes.slice(slotRanges.length).entries()) {
    const id = await nodes[index]?.client.call('CLUSTER', 'MYID')
    await client.call('CLUSTER', 'REPLICATE', String(id))
    while (!(await client.info('replication')).includes('master_link_status:up')) await delay(20)
  }
}

/** Ready when the node knows all others and every slot is served. */
async function isReady({ client }: Node, count: number): Promise<boolean> {
  const info = String(await client.call('CLUSTER', 'INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${count}`)
}

/** Three masters, started and joined; `stop` ends them and removes their data. */
export async function formRedisCluster(
  environment: NodeJS.ProcessEnv,
  { withReplicas = false, args = [] }: RedisClusterOptions = {}
): Promise<RedisCluster & { stop(): Promise<void> }> {
  const count = slotRanges.length * (withReplicas ? 2 : 1)
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(environment, args)))
  await join(nodes)
  while (!(await Promise.all(nodes.map((node) => isReady(node, count)))).every((ready) => ready)) await delay(20)
  await replicate(nodes)
  for (const { client } of nodes) client.disconnect()
  return {
    nodes: nodes.map(({ server }) => ({ host: '127.0.0.1', port: server.port })),
    servers: nodes.map(({ server }) => server),
    stop: async () => void (await Promise.all(nodes.map(({ server }) => server.stop())))
  }
}
