import { parseEnv } from 'node:util'
import { test } from 'tap'
import { formatEnvFile, formatShellExports } from '../../src/services/env-file.ts'
import { listServiceEnvironments } from '../../src/services/service-environments.ts'

const facts = {
  dataFolder: '/data',
  urls: { postgres: 'postgres://u:p@127.0.0.1:1/db', redis: 'redis://:p@127.0.0.1:2', nats: 'nats://127.0.0.1:3' },
  ports: { gateway: 3000, auth: 11, session: 12, activity: 13 },
  secrets: {
    postgresPassword: 'p',
    redisPassword: 'p',
    refreshSecret: 'r'.repeat(43),
    factorSecret: 'f'.repeat(43),
    serviceKey: 'k'.repeat(43)
  }
}

const tlsOf = (store: string) => ['CA', 'CERT', 'KEY', 'SERVER_NAME'].map((part) => `${store}_TLS_${part}`).join(' ')

const sentinels = 'REDIS_SENTINEL REDIS_SENTINEL_USERNAME REDIS_SENTINEL_PASSWORD'

const expected = {
  gateway:
    'GATEWAY_PORT GATEWAY_HOST GATEWAY_MANAGEMENT_PORT DRAIN_DELAY PUBLIC_URL TRUSTED_PROXIES ALLOWED_ORIGINS TOKEN_ISSUER ' +
    'TOKEN_AUDIENCE ACCESS_TOKEN_TTL DIALECTS SERVICE_KEY RATE_LIMIT_CREDENTIALS RATE_LIMIT_REQUESTS',
  auth:
    `AUTH_PORT AUTH_HOST EVENT_REPLICAS DATABASE_URL ${tlsOf('DATABASE')} DATABASE_POOL_SIZE DATABASE_POOL_WAIT DATABASE_STATEMENT_TIMEOUT ` +
    'ARGON2_MEMORY_KIB ARGON2_PASSES ARGON2_PARALLELISM HASH_CONCURRENCY HASH_QUEUE_LENGTH PASSWORD_MIN_LENGTH ' +
    'FACTOR_SECRET FACTOR_SECRETS_FORMER FACTOR_ISSUER ' +
    'PUBLIC_URL SMTP_URL MAIL_FROM MAIL_DIR',
  session:
    `SESSION_PORT SESSION_HOST EVENT_REPLICAS REDIS_URL ${tlsOf('REDIS')} ${sentinels} REDIS_TIMEOUT REDIS_WAIT_REPLICAS END_DURABILITY SIGNING_KEYS_DIR REFRESH_SECRET TOKEN_ALG TOKEN_ISSUER TOKEN_AUDIENCE ` +
    'ACCESS_TOKEN_TTL SESSION_IDLE_TTL SESSION_TTL SESSION_POLICY REFRESH_GRACE SESSION_RETENTION SESSION_HISTORY ' +
    'KEY_PUBLISH_DELAY VERDICT_LEASE',
  activity:
    `ACTIVITY_PORT ACTIVITY_HOST EVENT_REPLICAS REDIS_URL ${tlsOf('REDIS')} ${sentinels} REDIS_TIMEOUT USER_ACTIVITY_EXPIRATION USER_BLOCKING TIMELINE_RETENTION TIMELINE_LENGTH ` +
    'EVENTS_RETENTION EVENTS_LENGTH ATTEMPTS_PER_ACCOUNT ATTEMPTS_PER_SOURCE ATTEMPTS_SOURCE_WINDOW ATTEMPTS_DELAY ' +
    'ATTEMPTS_LONGEST_DELAY ATTEMPTS_ALARM ATTEMPTS_IPV6_PREFIX ' +
    'WEBHOOKS_FILE WEBHOOK_TIMEOUT WEBHOOK_ATTEMPTS WEBHOOK_RETRY_DELAY WEBHOOK_NETWORKS'
} as const

for (const service of ['gateway', 'auth', 'session', 'activity'] as const) {
  test(`the environment file of ${service} names every variable it reads`, (t) => {
    const text = formatEnvFile(listServiceEnvironments(facts, {})[service])
    const names = text.match(/^(# )?[A-Z0-9_]+(?==)/gm)?.map((name) => name.replace('# ', ''))
    t.same(names, [
      'NODE_ENV',
      'LOG_LEVEL',
      'CLOCK_TOLERANCE',
      'NATS_URL',
      ...tlsOf('NATS').split(' '),
      ...expected[service].split(' ')
    ])
    t.end()
  })
}

test('a policy of the developer wins, a port or address is the one that was chosen', (t) => {
  const given = { SESSION_POLICY: 'single', SESSION_PORT: '0', REDIS_URL: '', LOG_LEVEL: '' }
  const { session } = listServiceEnvironments(facts, given)
  t.match(session, { SESSION_POLICY: 'single', SESSION_PORT: '12', REDIS_URL: facts.urls.redis, LOG_LEVEL: 'info' })
  t.end()
})

test("values come back from Node's own loader as they were", (t) => {
  const values = { PLAIN: 'a:b/c', SPACED: 'a b # c', SINGLE: "it's", DOUBLE: 'say "x"', EMPTY: '' }
  t.same({ ...parseEnv(formatEnvFile(values)) }, values)
  t.end()
})

test('values are quoted for a shell', (t) => {
  t.equal(formatShellExports({ A: "it's $HOME" }), "export A='it'\\''s $HOME'")
  t.end()
})
