import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { migrateDatabase } from '@latchkey/auth/migrate'
import { type GuardedNats, startGuardedNats, startGuardedRedis, withUser } from '@latchkey/testing/guarded-stores'
import { createPreparedDatabase, type TestScope, type TestServer } from '@latchkey/testing/stores'

export const SERVICES = ['gateway', 'auth', 'session', 'activity'] as const
export type Service = (typeof SERVICES)[number]
/**
 * How much each says where a test looks through it: everything, but for the gateway, whose requests would all go the way
 * that writes lines.
 */
export const LEVELS = { gateway: 'info', auth: 'trace', session: 'trace', activity: 'trace' } as const
export type Environment = Readonly<Record<string, string>>

/** The three stores, and the environment that all four services are started with; see `ownEnvironment`. */
export interface World {
  readonly environment: Environment
  readonly redis: TestServer
  readonly nats: GuardedNats
}

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const CONDITION = '--conditions=@latchkey/source'

const { PATH = '', NODE_COMPILE_CACHE } = process.env
/** Of this process; with what others have compiled a service starts in two thirds of the time. */
const inherited: Environment = { PATH, ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }) }

const migrate = (url: string) => migrateDatabase({ url, waitMs: 0 })

/** The file that starts a service, or runs one of its commands. */
export function nodeArguments(service: Service, entry = 'main'): string[] {
  return [CONDITION, join(repository, 'apps', service, 'src', `${entry}.ts`)]
}

/**
 * Each service has its own rights on the bus and in Redis, as where it is deployed: what it must not do fails here too. A URL
 * that names its user stays as it is.
 */
export function ownEnvironment(service: Service, environment: Environment): Environment {
  const { NATS_URL = '', REDIS_URL = '' } = environment
  const own = (url: string) => (url.includes('@') ? url : withUser(url, service))
  const redis = service === 'session' || service === 'activity' ? { REDIS_URL: own(REDIS_URL) } : {}
  return { ...environment, NATS_URL: own(NATS_URL), ...redis }
}

/** More arguments of the servers. */
export interface StoreArguments {
  readonly redis?: readonly string[]
  readonly nats?: readonly string[]
  /** Added to the configuration of NATS. */
  readonly natsSettings?: string
}

/** Starts stores of this test alone and migrates its database. `overrides` win over the defaults. */
export async function startWorld(t: TestScope, overrides: Environment = {}, args: StoreArguments = {}): Promise<World> {
  const [redis, nats] = await Promise.all([
    startGuardedRedis(t, args.redis),
    startGuardedNats(t, args.nats, args.natsSettings)
  ])
  return { environment: await createEnvironment(t, { redis, nats }, overrides), redis, nats }
}

/** The environment of services over these stores and a new, migrated database, or the one in `overrides`, migrated here. */
export async function createEnvironment(
  t: TestScope,
  { redis, nats }: Readonly<Record<'redis' | 'nats', { readonly url: string }>>,
  overrides: Environment
): Promise<Environment> {
  const { DATABASE_URL: given } = overrides
  const { url } = given === undefined ? await createPreparedDatabase(t, migrate) : { url: given }
  const keys = await mkdtemp(join(tmpdir(), 'latchkey-keys-'))
  t.teardown(() => rm(keys, { recursive: true, force: true }))
  const environment: Environment = {
    NODE_ENV: 'development',
    DATABASE_URL: url,
    REDIS_URL: redis.url,
    NATS_URL: nats.url,
    SIGNING_KEYS_DIR: keys,
    REFRESH_SECRET: 'only-for-tests-0123456789abcdef0123456789',
    FACTOR_SECRET: 'only-for-tests-9876543210fedcba9876543210',
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_PORT: '0',
    // No load balancer has to see that a gateway is about to end.
    DRAIN_DELAY: '0',
    AUTH_PORT: '0',
    SESSION_PORT: '0',
    ACTIVITY_PORT: '0',
    // Hashing as cheap as the configuration allows: what is tested here is not its strength.
    ARGON2_MEMORY_KIB: '1024',
    ARGON2_PASSES: '1',
    // A busy machine may take longer than a production one should wait for a connection.
    DATABASE_POOL_WAIT: '5000',
    // The first change on a new registry waits for leases it might not know of; here there are none.
    VERDICT_LEASE: '500',
    ...inherited,
    ...overrides
  }
  // Who may change a database that was given, and how to reach it, is in the environment as well.
  if (given !== undefined)
    await promisify(execFile)(process.execPath, nodeArguments('auth', 'migrate'), { env: environment })
  return environment
}
