import { join } from 'node:path'
import type { Secrets } from '../data/secrets.ts'
import type { Store } from '../provision/ladder.ts'
import type { Environment, Service } from '../settings.ts'

export interface StackFacts {
  readonly dataFolder: string
  readonly urls: Readonly<Record<Store, string>>
  readonly ports: Readonly<Record<Service, number>>
  readonly secrets: Secrets
}

/** An undefined value is a variable that may be set but is not. */
export type Variables = Readonly<Record<string, string | undefined>>

const loopback = '127.0.0.1'

function publicUrl({ gateway }: StackFacts['ports']): string {
  return `http://${loopback}:${gateway}`
}

function gatewayVariables({ ports, secrets }: StackFacts): Variables {
  return {
    GATEWAY_PORT: String(ports.gateway),
    GATEWAY_HOST: 'localhost',
    GATEWAY_MANAGEMENT_PORT: undefined,
    DRAIN_DELAY: '0',
    PUBLIC_URL: publicUrl(ports),
    TRUSTED_PROXIES: '',
    ALLOWED_ORIGINS: '',
    TOKEN_ISSUER: 'latchkey',
    TOKEN_AUDIENCE: 'latchkey',
    ACCESS_TOKEN_TTL: '600',
    DIALECTS: undefined,
    SERVICE_KEY: secrets.serviceKey,
    RATE_LIMIT_CREDENTIALS: '100000',
    RATE_LIMIT_REQUESTS: '1000000'
  }
}

/** Nothing of it is needed on one machine; who points the launcher at a store elsewhere sets it. */
function nameTls(store: 'NATS' | 'REDIS' | 'DATABASE'): Variables {
  return Object.fromEntries(['CA', 'CERT', 'KEY', 'SERVER_NAME'].map((part) => [`${store}_TLS_${part}`, undefined]))
}

/** Who is asked where Redis is, if that changes. */
const sentinels: Variables = {
  REDIS_SENTINEL: undefined,
  REDIS_SENTINEL_USERNAME: undefined,
  REDIS_SENTINEL_PASSWORD: undefined
}

function authVariables({ dataFolder, ports, urls, secrets }: StackFacts): Variables {
  return {
    AUTH_PORT: String(ports.auth),
    AUTH_HOST: loopback,
    EVENT_REPLICAS: undefined,
    DATABASE_URL: urls.postgres,
    ...nameTls('DATABASE'),
    DATABASE_POOL_SIZE: '10',
    DATABASE_POOL_WAIT: '500',
    DATABASE_STATEMENT_TIMEOUT: '2000',
    ARGON2_MEMORY_KIB: '19456',
    ARGON2_PASSES: '2',
    ARGON2_PARALLELISM: '1',
    HASH_CONCURRENCY: '2',
    HASH_QUEUE_LENGTH: '48',
    PASSWORD_MIN_LENGTH: '8',
    FACTOR_SECRET: secrets.factorSecret,
    FACTOR_SECRETS_FORMER: undefined,
    FACTOR_ISSUER: 'Latchkey',
    PUBLIC_URL: publicUrl(ports),
    SMTP_URL: undefined,
    MAIL_FROM: undefined,
    MAIL_DIR: join(dataFolder, 'mail')
  }
}

function sessionVariables({ dataFolder, ports, urls, secrets }: StackFacts): Variables {
  return {
    SESSION_PORT: String(ports.session),
    SESSION_HOST: loopback,
    EVENT_REPLICAS: undefined,
    REDIS_URL: urls.redis,
    ...nameTls('REDIS'),
    ...sentinels,
    REDIS_TIMEOUT: '250',
    REDIS_WAIT_REPLICAS: '0',
    END_DURABILITY: 'stream',
    SIGNING_KEYS_DIR: join(dataFolder, 'keys'),
    REFRESH_SECRET: secrets.refreshSecret,
    TOKEN_ALG: 'RS256',
    TOKEN_ISSUER: 'latchkey',
    TOKEN_AUDIENCE: 'latchkey',
    ACCESS_TOKEN_TTL: '600',
    SESSION_IDLE_TTL: '604800',
    SESSION_TTL: '2592000',
    SESSION_POLICY: 'unlimited',
    REFRESH_GRACE: '10',
    SESSION_RETENTION: '2592000',
    SESSION_HISTORY: '50',
    KEY_PUBLISH_DELAY: '60',
    VERDICT_LEASE: '2000'
  }
}

function activityVariables({ ports, urls }: StackFacts): Variables {
  return {
    ACTIVITY_PORT: String(ports.activity),
    ACTIVITY_HOST: loopback,
    EVENT_REPLICAS: undefined,
    REDIS_URL: urls.redis,
    ...nameTls('REDIS'),
    ...sentinels,
    REDIS_TIMEOUT: '250',
    USER_ACTIVITY_EXPIRATION: '900',
    USER_BLOCKING: '15',
    TIMELINE_RETENTION: '7776000',
    TIMELINE_LENGTH: '1000',
    EVENTS_RETENTION: '7776000',
    EVENTS_LENGTH: '100000',
    ATTEMPTS_PER_ACCOUNT: '30',
    ATTEMPTS_PER_SOURCE: '150',
    ATTEMPTS_SOURCE_WINDOW: '900',
    ATTEMPTS_DELAY: '30',
    ATTEMPTS_LONGEST_DELAY: '3600',
    ATTEMPTS_ALARM: '400',
    ATTEMPTS_IPV6_PREFIX: '64',
    WEBHOOKS_FILE: undefined,
    WEBHOOK_TIMEOUT: '10',
    WEBHOOK_ATTEMPTS: '15',
    WEBHOOK_RETRY_DELAY: '5',
    WEBHOOK_NETWORKS: ''
  }
}

/** Decided by the launcher (which has read the environment for them already), so the environment does not win here. */
const decided: ReadonlySet<string> = new Set([
  ...['DATABASE_URL', 'REDIS_URL', 'NATS_URL'],
  ...['GATEWAY_PORT', 'AUTH_PORT', 'SESSION_PORT', 'ACTIVITY_PORT']
])

/** The complete environment of each service; what the developer's environment sets wins over the defaults. */
export function listServiceEnvironments(facts: StackFacts, environment: Environment): Record<Service, Variables> {
  const complete = (own: Variables): Variables => {
    const bus = { NATS_URL: facts.urls.nats, ...nameTls('NATS') }
    const defaults = { NODE_ENV: 'development', LOG_LEVEL: 'info', CLOCK_TOLERANCE: '5', ...bus, ...own }
    const entries = Object.entries(defaults).map(([name, value]): [string, string | undefined] => {
      const given = decided.has(name) ? undefined : environment[name]
      return [name, given === undefined || given === '' ? value : given]
    })
    return Object.fromEntries(entries)
  }
  return {
    gateway: complete(gatewayVariables(facts)),
    auth: complete(authVariables(facts)),
    session: complete(sessionVariables(facts)),
    activity: complete(activityVariables(facts))
  }
}
