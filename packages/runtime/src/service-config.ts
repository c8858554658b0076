import { type ConfigOf, integer, oneOf, optional, seconds, url, type Variables, withSecretPassword } from './config.ts'
import { LOG_LEVELS, type Logger } from './logger.ts'
import { getTls, type Tls, tlsVariables } from './tls.ts'

/** What every service is told. */
export const serviceVariables = {
  NODE_ENV: oneOf(['development', 'test', 'production'], 'development'),
  LOG_LEVEL: oneOf(LOG_LEVELS, 'info'),
  /** How far the clock of this machine may be from that of the store, before the service says so and is not ready. */
  CLOCK_TOLERANCE: seconds({ min: 1, max: 86_400 }, 5),
  NATS_URL: url(['nats', 'tls'], undefined, { several: true }),
  ...tlsVariables('NATS')
} as const satisfies Variables

/** The same in production. */
export const productionServiceVariables = {
  ...serviceVariables,
  NATS_URL: withSecretPassword(serviceVariables.NATS_URL, { several: true, mayLack: true })
} as const satisfies Variables

/** Told besides to the services that write events. */
export const eventVariables = {
  /** On how many servers of a NATS cluster the events are kept; without it as many as NATS_URL names, but three at most. */
  EVENT_REPLICAS: optional(integer({ min: 1, max: 5 }))
} as const satisfies Variables

export type ServiceConfig = ConfigOf<typeof serviceVariables> & Partial<ConfigOf<typeof eventVariables>>

/** How a service connects to the message bus. */
export interface Bus {
  readonly url: string
  readonly tls: Tls | undefined
  /** Who it is there. */
  readonly name: string
  readonly replicas: number | undefined
  readonly log: Logger
}

/** Throws `ConfigError` where the certificates and the key for the bus do not fit together. */
export function getBus(name: string, config: ServiceConfig, log: Logger): Bus {
  return { url: config.NATS_URL, tls: getTls('NATS', config), name, replicas: config.EVENT_REPLICAS, log }
}
