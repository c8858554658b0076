import type { ConnectionOptions } from 'node:tls'
import { Cluster, Redis } from 'ioredis'

export type RedisClient = Redis | Cluster

/** Certificates as PEM; what is left out is Node's own default. */
export type RedisTls = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername'>

export interface RedisSentinel {
  /** What the sentinels call the primary and its replicas. */
  readonly name: string
  readonly username?: string | undefined
  readonly password?: string | undefined
}

export interface RedisConnection {
  /** One server, or several nodes of a cluster separated by commas; `rediss:` for TLS. Of a cluster the first one's user counts. */
  readonly url: string
  readonly commandTimeoutMs: number
  /** Given, the URL names sentinels, and its user is that of the servers they watch. */
  readonly sentinel?: RedisSentinel | undefined
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
  const client = open(
    connection,
    nodes.map((node) => new URL(node))
  )
  reportFaults(client, connection.log)
  connectAgain(client)
  return client
}

function open(connection: RedisConnection, nodes: readonly URL[]): RedisClient {
  const { sentinel } = connection
  const [first] = nodes
  if (first === undefined) throw new TypeError('no address of Redis')
  const single = { ...createOptions(connection), enableOfflineQueue: false, retryStrategy: pauseBeforeAttempt }
  if (sentinel !== undefined) return new Redis({ ...single, ...createSentinelOptions(connection, sentinel, nodes) })
  if (nodes.length === 1) return new Redis(first.href, single)
  return new Cluster(
    nodes.map(({ href }) => href),
    createClusterOptions(connection, first)
  )
}

/** The sentinels are asked at each connection who is the primary, and tell when it is another one. */
function createSentinelOptions(connection: RedisConnection, sentinel: RedisSentinel, nodes: readonly URL[]) {
  const { name, username, password } = sentinel
  const { tls = nodes[0]?.protocol === 'rediss:' ? {} : undefined } = connection
  return {
    sentinels: nodes.map(({ hostname, port }) => ({ host: hostname, port: Number(port || 26_379) })),
    name,
    role: 'master' as const,
    failoverDetector: true,
    sentinelRetryStrategy: pauseBeforeAttempt,
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tls, tls }),
    ...createCredentials(nodes[0])
  }
}

function createCredentials(url: URL | undefined) {
  return {
    ...(url === undefined || url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url === undefined || url.password === '' ? {} : { password: decodeURIComponent(url.password) })
  }
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

function createClusterOptions(connection: RedisConnection, first: URL) {
  const { tls = first.protocol === 'rediss:' ? {} : undefined } = connection
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
      ...createCredentials(first)
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

const closed = new WeakSet<RedisClient>()

/**
 * The driver gives a client up for good where a sentinel tells it of a failover just while it looks for the primary:
 * whoever has not closed it goes on.
 */
function connectAgain(client: RedisClient): void {
  const connect = (): void => {
    if (!closed.has(client)) client.connect().catch(() => undefined)
  }
  client.on('end', () => setTimeout(connect, pauseBeforeAttempt(1)).unref())
}

/** Closes it in order where it is connected, at once where it is not. */
export async function closeRedis(client: RedisClient): Promise<void> {
  closed.add(client)
  await client.quit().catch(() => undefined)
  // Also where it has said goodbye: it listens to sentinels by connections of their own.
  client.disconnect()
}
