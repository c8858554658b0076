import { Cluster, Redis } from 'ioredis'

export type RedisClient = Redis | Cluster

const CONNECT_TIMEOUT_MS = 1000
const LONGEST_PAUSE_MS = 1000

const pauseBeforeAttempt = (attempt: number) =>
  Math.min(25 * 2 ** attempt, LONGEST_PAUSE_MS) * (0.8 + Math.random() * 0.4)

/** A command fails fast and is sent once: it is never queued while offline nor repeated after a lost connection. */
const failFast = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  /** A primary that has become a replica says so: look for the new one. */
  reconnectOnError: (err: Error) => err.message.startsWith('READONLY')
}

export interface RedisConnection {
  /** One server, or several nodes of a cluster separated by commas. */
  readonly url: string
  readonly commandTimeoutMs: number
  /** Hears why there is no connection. */
  readonly onError: (err: Error) => void
}

/** Opens a client, which connects, and connects again, by itself and for ever. */
export function openRedis({ url, commandTimeoutMs, onError }: RedisConnection): RedisClient {
  const nodes = url.split(',').map((node) => node.trim())
  const client =
    nodes.length === 1 ? openSingle(nodes[0] ?? '', commandTimeoutMs) : openCluster(nodes, commandTimeoutMs)
  client.on('error', onError)
  return client
}

function openSingle(url: string, commandTimeout: number): Redis {
  return new Redis(url, { ...failFast, commandTimeout, enableOfflineQueue: false, retryStrategy: pauseBeforeAttempt })
}

function openCluster(nodes: readonly string[], commandTimeout: number): Cluster {
  const { username, password, protocol } = new URL(nodes[0] ?? '')
  return new Cluster([...nodes], {
    enableOfflineQueue: false,
    clusterRetryStrategy: pauseBeforeAttempt,
    maxRedirections: 3,
    retryDelayOnClusterDown: 50,
    retryDelayOnFailover: 50,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    redisOptions: {
      ...failFast,
      commandTimeout,
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {})
    }
  })
}

/** Closes it in order where it is connected, at once where it is not. */
export async function closeRedis(client: RedisClient): Promise<void> {
  try {
    await client.quit()
  } catch {
    client.disconnect()
  }
}
