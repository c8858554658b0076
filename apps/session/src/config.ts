import { isIPv6 } from 'node:net'
import { createConnection, redisVariables } from '@latchkey/redis/config'
import {
  type ConfigOf,
  type Environment,
  integer,
  oneOf,
  optional,
  port,
  seconds,
  text,
  tokenClaim,
  unguessable,
  url,
  type Variable,
  type Variables,
  withSecretPassword
} from '@latchkey/runtime/config'
import { eventVariables, productionServiceVariables, serviceVariables } from '@latchkey/runtime/service-config'
import type { Lifetimes, Policy } from './domain/ports.ts'
import { KEY_ALGORITHMS } from './key-files.ts'

const DAY_SECONDS = 24 * 3600
const TEN_YEARS_SECONDS = 3650 * DAY_SECONDS
const MAX_LIMIT = 1000

/** `unlimited`, `single`, or `limit:3:evict_oldest`. */
function readPolicy(value: string): Policy | undefined {
  if (value === 'unlimited' || value === 'single') return { kind: value }
  const [, limit, overflow] = /^limit:(\d{1,4}):(evict_oldest|deny)$/.exec(value) ?? []
  if (Number(limit) < 1 || Number(limit) > MAX_LIMIT) return undefined
  if (overflow !== 'evict_oldest' && overflow !== 'deny') return undefined
  return { kind: 'limit', limit: Number(limit), overflow }
}

const policy: Variable<Policy> = {
  parse: readPolicy,
  expected: `unlimited, single, limit:N:evict_oldest or limit:N:deny with N from 1 to ${MAX_LIMIT}`,
  fallback: { value: { kind: 'unlimited' } }
}

export const variables = {
  ...serviceVariables,
  ...eventVariables,
  SESSION_HOST: text({ minLength: 1, what: 'a host name or an address' }, '127.0.0.1'),
  SESSION_PORT: port(0),
  REDIS_URL: url(['redis', 'rediss'], undefined, { several: true }),
  /** Instead of `REDIS_URL`. */
  REDIS_HOST: optional(text({ minLength: 1, what: 'a host name or an address' })),
  REDIS_PORT: port(6379),
  ...redisVariables,
  /** On how many replicas a change has to be before it is answered; as many as each primary has, or 0. */
  REDIS_WAIT_REPLICAS: integer({ min: 0, max: 5 }, 0),
  /** Where the end of a session has to be before it is answered: in Redis, or in the event stream as well. */
  END_DURABILITY: oneOf(['store', 'stream'], 'stream'),
  SIGNING_KEYS_DIR: text({ minLength: 1, what: 'a folder of <kid>.pem files' }),
  REFRESH_SECRET: text({ minLength: 32, what: 'a secret of at least 32 characters' }),
  TOKEN_ALG: oneOf(KEY_ALGORITHMS, 'RS256'),
  TOKEN_ISSUER: tokenClaim('issuer', 'latchkey'),
  TOKEN_AUDIENCE: tokenClaim('audience', 'latchkey'),
  ACCESS_TOKEN_TTL: seconds({ min: 2, max: 900 }, 600),
  SESSION_IDLE_TTL: seconds({ min: 2, max: TEN_YEARS_SECONDS }, 7 * DAY_SECONDS),
  SESSION_TTL: seconds({ min: 2, max: TEN_YEARS_SECONDS }, 30 * DAY_SECONDS),
  SESSION_POLICY: policy,
  REFRESH_GRACE: seconds({ min: 0, max: 300 }, 10),
  SESSION_RETENTION: seconds({ min: 0, max: TEN_YEARS_SECONDS }, 30 * DAY_SECONDS),
  SESSION_HISTORY: integer({ min: 0, max: 1000 }, 50),
  /** The longest time, in milliseconds, for which verdicts may be held; a change waits so long for a silent holder. */
  VERDICT_LEASE: integer({ min: 500, max: 2000 }, 2000),
  /** How long a new key is published before it signs. */
  KEY_PUBLISH_DELAY: seconds({ min: 0, max: 30 * DAY_SECONDS }, 60)
} as const satisfies Variables

export type Config = ConfigOf<typeof variables>

/** The variables as the environment wants them: `REDIS_HOST` may stand for the URL, production refuses weak secrets. */
export function getVariables(environment: Environment): typeof variables {
  const byHost = findRedisUrl(environment)
  const withHost = (url: Variable<string>) => (byHost === undefined ? url : { ...url, fallback: { value: byHost } })
  const { REDIS_URL, REFRESH_SECRET } = variables
  if (environment.NODE_ENV !== 'production') return { ...variables, REDIS_URL: withHost(REDIS_URL) }
  return {
    ...variables,
    ...productionServiceVariables,
    REDIS_URL: withHost(withSecretPassword(REDIS_URL, { several: true, mayLack: true })),
    REFRESH_SECRET: unguessable(REFRESH_SECRET)
  }
}

function findRedisUrl({ REDIS_HOST = '', REDIS_PORT = '' }: Environment): string | undefined {
  if (REDIS_HOST === '' && REDIS_PORT === '') return undefined
  const host = isIPv6(REDIS_HOST) ? `[${REDIS_HOST}]` : REDIS_HOST
  return `redis://${host === '' ? '127.0.0.1' : host}:${REDIS_PORT === '' ? 6379 : REDIS_PORT}`
}

export function getRedisConnection(config: Config) {
  return createConnection(config.REDIS_URL, config)
}

/** The part of the configuration that the store judges sessions by. */
export function getStoreRules(config: Config) {
  const lifetimes: Lifetimes = { idleMs: config.SESSION_IDLE_TTL * 1000, absoluteMs: config.SESSION_TTL * 1000 }
  return {
    lifetimes,
    retentionMs: config.SESSION_RETENTION * 1000,
    historyLength: config.SESSION_HISTORY,
    refreshGraceMs: config.REFRESH_GRACE * 1000
  }
}

/** What every access token says of where it comes from and whom it is for. */
export function getTokenClaims({ TOKEN_ISSUER, TOKEN_AUDIENCE }: Config) {
  return { issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE }
}
