import { Cluster, Redis, type RedisOptions } from 'ioredis'

export type RedisClient = Redis | Cluster

const COMMAND_TIMEOUT_MS = 250
const CONNECT_TIMEOUT_MS = 500
/** A server that has sent nothing for so long, though asked, is given up and dialled again. */
const SOCKET_TIMEOUT_MS = 1000

/** Commands fail within their time limit rather than wait in a queue; a script that may have run is never sent again. */
const options = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  socketTimeout: SOCKET_TIMEOUT_MS,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  // After a failover the old address may lead to a replica.
  reconnectOnError: (err) => err.message.startsWith('READONLY')
} satisfies RedisOptions

const retryDelayMs = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 10), 1000)

/** `url` may name several nodes of a cluster, separated by commas. Whoever creates a client disconnects it. */
export function createRedisClient(url: string): RedisClient {
  const client = url.includes(',') ? createCluster(url) : createSingle(url)
  // Failures reach whoever sent a command; an unheard `error` event would end the process.
  client.on('error', () => {})
  return client
}

function createSingle(url: string): Redis {
  return new Redis(url, { ...options, enableOfflineQueue: false, retryStrategy: retryDelayMs })
}

function createCluster(url: string): Cluster {
  const nodes = url.split(',').map((node) => new URL(node.trim()))
  const [first] = nodes
  const credentials = {
    ...(first?.username ? { username: decodeURIComponent(first.username) } : {}),
    ...(first?.password ? { password: decodeURIComponent(first.password) } : {}),
    ...(first?.protocol === 'rediss:' ? { tls: {} } : {})
  }
  return new Cluster(
    nodes.map(({ hostname, port }) => ({ host: hostname, port: Number(port || 6379) })),
    {
      redisOptions: { ...options, ...credentials },
      enableOfflineQueue: false,
      clusterRetryStrategy: retryDelayMs,
      clusterNodeRetryStrategy: retryDelayMs,
      slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
      // Together less than a command's time limit.
      maxRedirections: 4,
      retryDelayOnFailover: 50,
      retryDelayOnClusterDown: 50,
      retryDelayOnTryAgain: 50
    }
  )
}

/** Says goodbye where somebody listens, and hangs up in any case. */
export async function closeRedisClient(client: RedisClient): Promise<void> {
  await client.quit().catch(() => client.disconnect())
}
