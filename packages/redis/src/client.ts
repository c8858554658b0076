import type { ConnectionOptions } from 'node:tls'
import { Cluster, Redis } from 'ioredis'

export type RedisClient = Redis | Cluster

/** Certificates as PEM; what is left out is Node's own default. */
export type RedisTls = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername'>

export interface RedisConnection {
  /** One server, or several nodes of a cluster separated by commas; `rediss:` for TLS. Of a cluster the first one's user counts. */
  readonly url: string
  readonly commandTimeoutMs: number
  /** Given, the connection is by TLS whatever the URL says, and never without. */
  readonly tls?: RedisTls | undefined
  /** Told once of each reason why there is no connection. */
  readonly log: { warn(fields: object, text: string): void }
}

const CONNECT_TIMEOUT_MS = 1000
const LONGEST_PAUSE_MS = 1000
/** A server that sends nothing for so long, though asked, is given up and dialled again. */
const SILENCE_MS = 1000

const pauseBeforeAttempt = (attempt: number): number =>
  Math.min(25 * 2 ** attempt, LONGEST_PAUSE_MS) * (0.8 + Math.random() * 0.4)

/**
 * Opens a client, which connects, and connects again, by itself and for ever. A command fails within its time limit: it
 * is never queued while there is no connection, nor sent again after one was lost, since it may have been done.
 */
export function openRedis(connection: RedisConnection): RedisClient {
  const nodes = connection.url.split(',').map((node) => node.trim())
  const [first = ''] = nodes
  const client =
    nodes.length === 1
      ? new Redis(first, { ...createOptions(connection), enableOfflineQueue: false, retryStrategy: pauseBeforeAttempt })
      : new Cluster(nodes, createClusterOptions(connection, new URL(first)))
  reportFaults(client, connection.log)
  return client
}

function createOptions({ commandTimeoutMs, tls }: RedisConnection) {
  return {
    commandTimeout: commandTimeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: Math.max(SILENCE_MS, 2 * commandTimeoutMs),
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A primary that has become a replica says so: look for the new one.
    reconnectOnError: (err: Error) => err.message.startsWith('READONLY'),
    ...(tls === undefined ? {} : { tls })
  }
}

function createClusterOptions(connection: RedisConnection, { username, password, protocol }: URL) {
  const { tls = protocol === 'rediss:' ? {} : undefined } = connection
  return {
    enableOfflineQueue: false,
    clusterRetryStrategy: pauseBeforeAttempt,
    clusterNodeRetryStrategy: pauseBeforeAttempt,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    maxRedirections: 4,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    retryDelayOnTryAgain: 50,
    redisOptions: {
      ...createOptions({ ...connection, tls }),
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) })
    }
  }
}

/** Whoever sends a command hears of its own failure; what keeps the connection from standing is heard here alone. */
function reportFaults(client: RedisClient, log: RedisConnection['log']): void {
  const reported = new Set<string>()
  const report = (err: Error): void => {
    if (reported.has(err.message)) return
    reported.add(err.message)
    log.warn({ err }, 'no connection to Redis')
  }
  client.on('error', report)
  client.on('node error', report)
  client.on('ready', () => reported.clear())
}

/** Closes it in order where it is connected, at once where it is not. */
export async function closeRedis(client: RedisClient): Promise<void> {
  try {
    await client.quit()
  } catch {
    client.disconnect()
  }
}
