import { type ConfigOf, integer, optional, text, type Variables } from '@latchkey/runtime/config'
import { getTls, tlsVariables } from '@latchkey/runtime/tls'
import type { RedisConnection } from './client.ts'

/** How a service speaks to Redis; at which address is for the service to say. */
export const redisVariables = {
  ...tlsVariables('REDIS'),
  /** How long a command may take, in milliseconds. */
  REDIS_TIMEOUT: integer({ min: 20, max: 10_000 }, 250),
  /** The name of the primary, where REDIS_URL names sentinels; and who we are to them. */
  REDIS_SENTINEL: optional(text({ minLength: 1, what: 'the name sentinels give the primary' })),
  REDIS_SENTINEL_USERNAME: optional(text({ minLength: 1, what: 'a user of the sentinels' })),
  REDIS_SENTINEL_PASSWORD: optional(text({ minLength: 1, what: 'a password of the sentinels' }))
} as const satisfies Variables

/** Throws `ConfigError` where the certificates and the key for Redis do not fit together. */
export function createConnection(url: string, config: ConfigOf<typeof redisVariables>): Omit<RedisConnection, 'log'> {
  const { REDIS_SENTINEL: name, REDIS_SENTINEL_USERNAME: username, REDIS_SENTINEL_PASSWORD: password } = config
  const sentinel = name === undefined ? undefined : { name, username, password }
  return { url, commandTimeoutMs: config.REDIS_TIMEOUT, tls: getTls('REDIS', config), sentinel }
}
