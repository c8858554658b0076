import { createConnection, redisVariables } from '@latchkey/redis/config'
import {
  type ConfigOf,
  decimal,
  type Environment,
  integer,
  list,
  optional,
  port,
  seconds,
  text,
  url,
  type Variables,
  withSecretPassword
} from '@latchkey/runtime/config'
import { eventVariables, productionServiceVariables, serviceVariables } from '@latchkey/runtime/service-config'
import { createTargetRule, isNetwork } from './webhooks/targets.ts'

const YEAR_SECONDS = 365 * 24 * 3600
const YEAR_MINUTES = YEAR_SECONDS / 60
const redisUrl = url(['redis', 'rediss'], undefined, { several: true })

export const variables = {
  ...serviceVariables,
  ...eventVariables,
  ACTIVITY_HOST: text({ minLength: 1, what: 'a host name or an address' }, '127.0.0.1'),
  ACTIVITY_PORT: port(0),
  REDIS_URL: optional(redisUrl),
  /** Where no REDIS_URL is given. */
  REDIS_HOST: text({ minLength: 1, what: 'a host name or an address' }, '127.0.0.1'),
  REDIS_PORT: port(6379),
  ...redisVariables,
  /** Seconds without a request after which the next one is refused and blocks the user; 0 turns this off. */
  USER_ACTIVITY_EXPIRATION: seconds({ min: 0, max: YEAR_SECONDS }, 0),
  /** How long such a block lasts, in minutes. */
  USER_BLOCKING: decimal({ min: 0.001, max: YEAR_MINUTES }, 15),
  TIMELINE_RETENTION: seconds({ min: 1, max: 10 * YEAR_SECONDS }, 7_776_000),
  /** Entries kept for one user. */
  TIMELINE_LENGTH: integer({ min: 1, max: 10_000 }, 1000),
  /** Entries kept of all users together, for admins; some 600 bytes each. */
  EVENTS_LENGTH: integer({ min: 1, max: 10_000_000 }, 100_000),
  EVENTS_RETENTION: seconds({ min: 1, max: 10 * YEAR_SECONDS }, 7_776_000),
  /** Wrong attempts in a row at the secrets of one account, and from one source within its window, before they cost time. */
  ATTEMPTS_PER_ACCOUNT: integer({ min: 1, max: 100 }, 30),
  ATTEMPTS_PER_SOURCE: integer({ min: 1, max: 1_000_000 }, 150),
  ATTEMPTS_SOURCE_WINDOW: seconds({ min: 1, max: 86_400 }, 900),
  /** How long nothing is tried then; twice as long after each further one, up to the longest. */
  ATTEMPTS_DELAY: seconds({ min: 1, max: 3600 }, 30),
  ATTEMPTS_LONGEST_DELAY: seconds({ min: 1, max: 86_400 }, 3600),
  /** Failed attempts on the whole platform within five minutes that are an alarm. */
  ATTEMPTS_ALARM: integer({ min: 1, max: 1_000_000_000 }, 400),
  /** Bits of an IPv6 address that one customer of a network has in common. */
  ATTEMPTS_IPV6_PREFIX: integer({ min: 16, max: 128 }, 64),
  /** Path of the file that names where events are sent by HTTP; without it they are sent nowhere. */
  WEBHOOKS_FILE: optional(text({ minLength: 1, what: 'the path of a file' })),
  /** How long an endpoint may take to answer. */
  WEBHOOK_TIMEOUT: seconds({ min: 1, max: 60 }, 10),
  /** How often an event is sent before it is given up, and how long after the first time it is sent again, in seconds. */
  WEBHOOK_ATTEMPTS: integer({ min: 1, max: 20 }, 15),
  WEBHOOK_RETRY_DELAY: decimal({ min: 0.01, max: 3600 }, 5),
  /** Networks that endpoints may be in besides the public ones; where it is not production, any address serves. */
  WEBHOOK_NETWORKS: list(isNetwork, 'networks like 10.1.0.0/16')
} as const satisfies Variables

export type Config = ConfigOf<typeof variables>

/** The variables as the environment wants them: production does not guess where its Redis is. */
export function getVariables({ NODE_ENV, REDIS_HOST }: Environment): typeof variables {
  if (NODE_ENV !== 'production') return variables
  const guarded = withSecretPassword(redisUrl, { several: true, mayLack: true })
  const hasHost = REDIS_HOST !== undefined && REDIS_HOST !== ''
  return { ...variables, ...productionServiceVariables, REDIS_URL: hasHost ? optional(guarded) : guarded }
}

export function getRedisUrl({ REDIS_URL, REDIS_HOST, REDIS_PORT }: Config): string {
  const host = REDIS_HOST.includes(':') ? `[${REDIS_HOST}]` : REDIS_HOST
  return REDIS_URL ?? `redis://${host}:${REDIS_PORT}`
}

export function getRedisConnection(config: Config) {
  return createConnection(getRedisUrl(config), config)
}

export function getInactivityRules({ USER_ACTIVITY_EXPIRATION, USER_BLOCKING }: Config) {
  return { windowMs: USER_ACTIVITY_EXPIRATION * 1000, blockMs: Math.round(USER_BLOCKING * 60_000) }
}

export function getTimelineLimits({ TIMELINE_LENGTH, TIMELINE_RETENTION }: Config) {
  return { maxLength: TIMELINE_LENGTH, retentionSeconds: TIMELINE_RETENTION }
}

export function getIndexLimits({ EVENTS_LENGTH, EVENTS_RETENTION }: Config) {
  return { maxLength: EVENTS_LENGTH, retentionSeconds: EVENTS_RETENTION }
}

export function getAttemptLimits(config: Config) {
  return {
    perAccount: config.ATTEMPTS_PER_ACCOUNT,
    perSource: config.ATTEMPTS_PER_SOURCE,
    sourceWindowSeconds: config.ATTEMPTS_SOURCE_WINDOW,
    delaySeconds: config.ATTEMPTS_DELAY,
    longestDelaySeconds: config.ATTEMPTS_LONGEST_DELAY
  }
}

const EVERYWHERE = ['0.0.0.0/0', '::/0']

export function getWebhookRules(config: Config) {
  const { NODE_ENV, WEBHOOK_NETWORKS, WEBHOOK_TIMEOUT, WEBHOOK_ATTEMPTS, WEBHOOK_RETRY_DELAY } = config
  const isProduction = NODE_ENV === 'production'
  return {
    requiresTls: isProduction,
    allows: createTargetRule(isProduction ? WEBHOOK_NETWORKS : EVERYWHERE),
    timeoutMs: WEBHOOK_TIMEOUT * 1000,
    retries: { maxAttempts: WEBHOOK_ATTEMPTS, firstDelayMs: Math.round(WEBHOOK_RETRY_DELAY * 1000) }
  }
}
