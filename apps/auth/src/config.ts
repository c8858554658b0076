import {
  type ConfigOf,
  type Environment,
  integer,
  list,
  optional,
  port,
  productionPublicUrl,
  publicUrl,
  readConfig,
  text,
  unguessable,
  url,
  type Variable,
  type Variables,
  withSecretPassword
} from '@latchkey/runtime/config'
import { eventVariables, productionServiceVariables, serviceVariables } from '@latchkey/runtime/service-config'
import { getTls, type Tls, tlsVariables } from '@latchkey/runtime/tls'
import { canonicalizeEmail } from './domain/email.ts'
import { isPlainText } from './domain/text.ts'
import type { Sender } from './mail/smtp-mailer.ts'

const MIB_IN_KIB = 1024

const sender: Variable<Sender> = {
  parse: readSender,
  expected: 'an address like no-reply@example.com or Example <no-reply@example.com>'
}

export const variables = {
  ...serviceVariables,
  ...eventVariables,
  AUTH_HOST: text({ minLength: 1, what: 'a host name or an address' }, '127.0.0.1'),
  AUTH_PORT: port(0),
  DATABASE_URL: url(['postgres', 'postgresql']),
  ...tlsVariables('DATABASE'),
  DATABASE_POOL_SIZE: integer({ min: 2, max: 200 }, 10),
  /** How long a query waits for a connection, and how long it may run, in milliseconds. */
  DATABASE_POOL_WAIT: integer({ min: 50, max: 10_000 }, 500),
  DATABASE_STATEMENT_TIMEOUT: integer({ min: 100, max: 60_000 }, 2000),
  ARGON2_MEMORY_KIB: integer({ min: 64, max: 1024 * MIB_IN_KIB }, 19_456),
  ARGON2_PASSES: integer({ min: 1, max: 16 }, 2),
  ARGON2_PARALLELISM: integer({ min: 1, max: 8 }, 1),
  /** Passwords hashed at the same time, and those that may wait for it. */
  HASH_CONCURRENCY: integer({ min: 1, max: 3 }, 2),
  HASH_QUEUE_LENGTH: integer({ min: 0, max: 1000 }, 48),
  PASSWORD_MIN_LENGTH: integer({ min: 8, max: 64 }, 8),
  /** Seals the secrets of second factors: whoever reads the database alone cannot make codes. */
  FACTOR_SECRET: text({ minLength: 32, what: 'a secret of at least 32 characters' }),
  /** Those before it, under which what they sealed is still opened. */
  FACTOR_SECRETS_FORMER: list((secret) => secret.length >= 32, 'secrets of at least 32 characters'),
  /** What authenticator apps call us. */
  FACTOR_ISSUER: text({ minLength: 1, what: 'a name for authenticator apps' }, 'Latchkey'),
  /** What links in mails begin with. */
  PUBLIC_URL: publicUrl,
  SMTP_URL: optional(url(['smtp', 'smtps'])),
  MAIL_FROM: optional(sender),
  /** Where mails go while there is no mail server. */
  MAIL_DIR: optional(text({ minLength: 1, what: 'a folder' }))
} as const satisfies Variables

export type Config = ConfigOf<typeof variables>

/** The variables as the environment wants them: production refuses what is good enough for development. */
export function getVariables(environment: Environment): typeof variables {
  if (environment.NODE_ENV !== 'production') return variables
  const memoryKib = getMemoryFloorKib(environment.ARGON2_PASSES)
  return {
    ...variables,
    ...productionServiceVariables,
    DATABASE_URL: withSecretPassword(variables.DATABASE_URL),
    FACTOR_SECRET: unguessable(variables.FACTOR_SECRET),
    PUBLIC_URL: productionPublicUrl,
    SMTP_URL: url(['smtp', 'smtps']),
    ARGON2_MEMORY_KIB: integer({ min: memoryKib, max: 1024 * MIB_IN_KIB }, Math.max(memoryKib, 19_456))
  }
}

/** Fewer passes want more memory: the pairs that OWASP ASVS 5.0 (appendix C) holds to be equal. */
function getMemoryFloorKib(passes: string | undefined): number {
  if (passes === '1') return 47_104
  return passes === undefined || passes === '' || passes === '2' ? 19_456 : 12_288
}

/**
 * The database as the role that may change its schema: `MIGRATION_DATABASE_URL`, or, where the service itself is that
 * role, `DATABASE_URL`. Throws `ConfigError` for one that this environment does not accept.
 */
export function readMigrationDatabase(environment: Environment): {
  readonly url: string
  readonly tls: Tls | undefined
} {
  const { DATABASE_URL } = getVariables(environment)
  const hasOwnRole = (environment.MIGRATION_DATABASE_URL ?? '') !== ''
  const url = hasOwnRole
    ? readConfig({ MIGRATION_DATABASE_URL: DATABASE_URL }, environment).MIGRATION_DATABASE_URL
    : readConfig({ DATABASE_URL }, environment).DATABASE_URL
  return { url, tls: getTls('DATABASE', readConfig(tlsVariables('DATABASE'), environment)) }
}

function readSender(value: string): Sender | undefined {
  const [, name = '', address = value] = /^([^<>"]*?) ?<([^<>]*)>$/.exec(value) ?? []
  return isPlainText(name) && canonicalizeEmail(address) !== undefined ? { name, address } : undefined
}

export interface MailOptions {
  /** Of the mail server. */
  readonly url: string | undefined
  readonly from: Sender
  readonly folder: string | undefined
}

/** Unless told otherwise mails are from the host they lead to. */
export function getMailOptions({ SMTP_URL, MAIL_FROM, MAIL_DIR, PUBLIC_URL }: Config): MailOptions {
  const from = MAIL_FROM ?? { name: 'Latchkey', address: `no-reply@${new URL(PUBLIC_URL).hostname}` }
  return { url: SMTP_URL, from, folder: MAIL_DIR }
}

/** What a command needs that works on the database alone. */
type StoredConfig = Omit<Config, 'NATS_URL' | 'FACTOR_SECRET' | 'FACTOR_SECRETS_FORMER'>

export function getDatabaseOptions(config: StoredConfig) {
  return {
    url: config.DATABASE_URL,
    tls: getTls('DATABASE', config),
    poolSize: config.DATABASE_POOL_SIZE,
    poolWaitMs: config.DATABASE_POOL_WAIT,
    statementTimeoutMs: config.DATABASE_STATEMENT_TIMEOUT
  }
}

export function getTotpOptions(config: Pick<Config, 'FACTOR_SECRET' | 'FACTOR_SECRETS_FORMER' | 'FACTOR_ISSUER'>) {
  return {
    sealingSecret: config.FACTOR_SECRET,
    formerSecrets: config.FACTOR_SECRETS_FORMER,
    issuer: config.FACTOR_ISSUER
  }
}

export function getPasswordsOptions(config: StoredConfig) {
  return {
    parameters: {
      memoryKib: config.ARGON2_MEMORY_KIB,
      passes: config.ARGON2_PASSES,
      parallelism: config.ARGON2_PARALLELISM
    },
    queue: { concurrency: config.HASH_CONCURRENCY, length: config.HASH_QUEUE_LENGTH }
  }
}
