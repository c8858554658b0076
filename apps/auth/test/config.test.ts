import { ConfigError, type Environment, readConfig } from '@latchkey/runtime/config'
import { test } from 'tap'
import { getMailOptions, getVariables, readMigrationDatabase } from '../src/config.ts'

const environment = {
  DATABASE_URL: 'postgres://auth:9f8e7d6c5b4a@db:5432/auth',
  NATS_URL: 'nats://auth:x@nats:4222',
  FACTOR_SECRET: 'q8Zk3Vw1xT7nB5mC9rL2pJ6hG4fD0sAy'
}

const production = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://id.example.com',
  SMTP_URL: 'smtps://mail.example.com'
}

function read(given: Environment) {
  const merged = { ...environment, ...given }
  return readConfig(getVariables(merged), merged)
}

/** The variables that a start is refused for. */
function listFaults(given: Environment): string[] {
  try {
    read(given)
    return []
  } catch (err) {
    if (err instanceof ConfigError) return err.message.match(/[A-Z][A-Z0-9_]{4,}/g) ?? []
    throw err
  }
}

test('everything but the addresses of the neighbours and the secret has a default', async (t) => {
  t.match(read({}), {
    AUTH_HOST: '127.0.0.1',
    AUTH_PORT: 0,
    ARGON2_MEMORY_KIB: 19_456,
    ARGON2_PASSES: 2,
    ARGON2_PARALLELISM: 1,
    PASSWORD_MIN_LENGTH: 8,
    FACTOR_ISSUER: 'Latchkey',
    FACTOR_SECRETS_FORMER: []
  })
})

test('one error names every variable at fault', async (t) => {
  t.same(listFaults({ DATABASE_URL: '', NATS_URL: 'http://x', PASSWORD_MIN_LENGTH: '7' }).toSorted(), [
    'DATABASE_URL',
    'NATS_URL',
    'PASSWORD_MIN_LENGTH'
  ])
})

test('production refuses a database password that everybody knows', async (t) => {
  for (const password of ['', 'postgres', 'changeme']) {
    const DATABASE_URL = `postgres://auth:${password}@db:5432/auth`
    t.same(listFaults({ ...production, DATABASE_URL }), ['DATABASE_URL'])
    t.same(listFaults({ DATABASE_URL }), [])
  }
  t.same(listFaults(production), [])
})

test('production refuses argon2 parameters below the accepted pairs', async (t) => {
  t.same(listFaults({ ...production, ARGON2_MEMORY_KIB: '64' }), ['ARGON2_MEMORY_KIB'])
  t.same(listFaults({ ...production, ARGON2_MEMORY_KIB: '12288', ARGON2_PASSES: '2' }), ['ARGON2_MEMORY_KIB'])
  t.same(listFaults({ ...production, ARGON2_MEMORY_KIB: '19456', ARGON2_PASSES: '1' }), ['ARGON2_MEMORY_KIB'])
  t.same(listFaults({ ...production, ARGON2_MEMORY_KIB: '12288', ARGON2_PASSES: '3' }), [])
  t.same(listFaults({ ...production, ARGON2_MEMORY_KIB: '47104', ARGON2_PASSES: '1' }), [])
})

test('migrations run as their own role where there is one, and as the service where there is not', async (t) => {
  const { DATABASE_URL } = environment
  const MIGRATION_DATABASE_URL = 'postgres://owner:9f8e7d6c5b4a@db:5432/auth'
  t.equal(readMigrationDatabase({ DATABASE_URL, MIGRATION_DATABASE_URL }).url, MIGRATION_DATABASE_URL)
  t.equal(
    readMigrationDatabase({ MIGRATION_DATABASE_URL }).url,
    MIGRATION_DATABASE_URL,
    'it does not need the other one'
  )
  t.equal(readMigrationDatabase({ DATABASE_URL, MIGRATION_DATABASE_URL: '' }).url, DATABASE_URL)
  t.throws(() => readMigrationDatabase({}), /DATABASE_URL is missing/)
  t.throws(
    () => readMigrationDatabase({ DATABASE_URL, MIGRATION_DATABASE_URL: 'http://x' }),
    /^configuration: MIGRATION_/
  )
  const weak = { NODE_ENV: 'production', MIGRATION_DATABASE_URL: 'postgres://owner:postgres@db:5432/auth' }
  t.throws(
    () => readMigrationDatabase(weak),
    /MIGRATION_DATABASE_URL must be/,
    'production refuses a well-known password'
  )
})

test('the secret of second factors is never made up, is long, and in production nobody can guess it', async (t) => {
  for (const FACTOR_SECRET of ['', 'short']) t.same(listFaults({ FACTOR_SECRET }), ['FACTOR_SECRET'])
  t.same(listFaults({ FACTOR_SECRETS_FORMER: `${'a'.repeat(32)},short` }), ['FACTOR_SECRETS_FORMER'])
  const FACTOR_SECRET = 'changeme-changeme-changeme-changeme'
  t.same(listFaults({ FACTOR_SECRET }), [])
  t.same(listFaults({ ...production, FACTOR_SECRET }), ['FACTOR_SECRET'])
})

test('production names its mail server and its public address itself', async (t) => {
  t.same(listFaults({ NODE_ENV: 'production' }), ['PUBLIC_URL', 'SMTP_URL'])
  t.same(listFaults({ ...production, PUBLIC_URL: 'http://id.example.com', SMTP_URL: 'https://mail' }), [
    'PUBLIC_URL',
    'SMTP_URL'
  ])
})

test('mails are from the configured sender, else from the host that people reach', async (t) => {
  t.same(getMailOptions(read(production)).from, { name: 'Latchkey', address: 'no-reply@id.example.com' })
  const named = read({ MAIL_FROM: 'Example & Sons <mail@example.com>' })
  t.same(getMailOptions(named).from, { name: 'Example & Sons', address: 'mail@example.com' })
  t.same(getMailOptions(read({ MAIL_FROM: 'mail@example.com' })).from, { name: '', address: 'mail@example.com' })
  for (const MAIL_FROM of ['nobody', 'a <b> c', 'Line\nbreak <mail@example.com>', '<>']) {
    t.same(listFaults({ MAIL_FROM }), ['MAIL_FROM'])
  }
})
