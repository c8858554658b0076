import type { Registry } from '@prometheus-io/client'
import { registerCounter, registerGauge } from './metrics.ts'

/** The connection to the message bus, as far as it is measured. */
interface MeasuredBus {
  readonly state: string
  onState(listen: (state: string) => void): void
}

/** A Redis client, of one server or of a cluster, as far as it is measured. */
interface MeasuredRedis {
  readonly status: string
  on(event: 'ready', listen: () => void): unknown
}

/** A pool of database connections, as far as it is measured. */
export interface MeasuredPool {
  readonly totalCount: number
  readonly idleCount: number
  readonly waitingCount: number
}

/** The relay of an outbox, as far as it is measured. */
interface MeasuredOutbox {
  readonly backlog: { readonly events: number; readonly oldestAgeMs: number }
}

/** What a service depends on; each has what it has. */
export interface Dependencies {
  readonly bus: MeasuredBus
  readonly redis?: MeasuredRedis
  readonly outbox?: MeasuredOutbox
}

/** Shows whether a service can reach what it needs, and what waits until it can. */
export function registerDependencyMetrics(registry: Registry, { bus, redis, outbox }: Dependencies): void {
  registerBusMetrics(registry, bus)
  if (redis !== undefined) registerRedisMetrics(registry, redis)
  if (outbox !== undefined) registerOutboxMetrics(registry, outbox)
}

function registerBusMetrics(registry: Registry, bus: MeasuredBus): void {
  let connects = bus.state === 'connected' ? 1 : 0
  bus.onState((state) => {
    if (state === 'connected') connects += 1
  })
  registerGauge(registry, {
    name: 'latchkey_nats_connected',
    help: '1 while there is a connection to NATS',
    read: () => (bus.state === 'connected' ? 1 : 0)
  })
  registerCounter(registry, {
    name: 'latchkey_nats_connects_total',
    help: 'How often a connection to NATS was made: all but the first were made again',
    read: () => connects
  })
}

function registerRedisMetrics(registry: Registry, redis: MeasuredRedis): void {
  let connects = redis.status === 'ready' ? 1 : 0
  redis.on('ready', () => {
    connects += 1
  })
  registerGauge(registry, {
    name: 'latchkey_redis_connected',
    help: '1 while Redis takes commands',
    read: () => (redis.status === 'ready' ? 1 : 0)
  })
  registerCounter(registry, {
    name: 'latchkey_redis_connects_total',
    help: 'How often a connection to Redis was made: all but the first were made again',
    read: () => connects
  })
}

export function registerPoolMetrics(registry: Registry, pool: MeasuredPool, size: number): void {
  registerGauge(registry, {
    name: 'latchkey_postgres_pool_size_connections',
    help: 'Connections to PostgreSQL there may be',
    read: () => size
  })
  registerGauge(registry, {
    name: 'latchkey_postgres_pool_open_connections',
    help: 'Connections to PostgreSQL there are',
    read: () => pool.totalCount
  })
  registerGauge(registry, {
    name: 'latchkey_postgres_pool_idle_connections',
    help: 'Connections to PostgreSQL that nobody uses',
    read: () => pool.idleCount
  })
  registerGauge(registry, {
    name: 'latchkey_postgres_pool_waiting_queries',
    help: 'Queries that wait for a connection to PostgreSQL',
    read: () => pool.waitingCount
  })
}

/** The relay looks every few seconds; what it saw last is what is shown, so that a scrape costs the store nothing. */
function registerOutboxMetrics(registry: Registry, outbox: MeasuredOutbox): void {
  registerGauge(registry, {
    name: 'latchkey_outbox_waiting_events',
    help: 'Events that are written and not yet in the stream, when the relay last looked',
    read: () => outbox.backlog.events
  })
  registerGauge(registry, {
    name: 'latchkey_outbox_oldest_event_age_seconds',
    help: 'Age of the oldest event that is written and not yet in the stream',
    read: () => outbox.backlog.oldestAgeMs / 1000
  })
}
