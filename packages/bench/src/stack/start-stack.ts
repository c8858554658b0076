import { randomBytes } from 'node:crypto'
import { startEphemeralNats, startEphemeralPostgres, startEphemeralRedis } from '@latchkey/dev/servers'
import { ARGON2, HASH_CONCURRENCY } from '../argon2-parameters.ts'
import type { Context } from '../context.ts'
import { createTemporaryFolder } from '../processes/temporary-folder.ts'
import { startMailSink } from './mail-sink.ts'
import { type Environment, runCommand, type Service, type ServiceProcess, startService } from './services.ts'

export interface StackPlan {
  /** What is measured and has a core to itself; `everything` is spread over all cores. */
  readonly measured: readonly Service[] | 'everything'
  readonly gateways: number
  /** Redis of the session service; one of the stack's own when absent. */
  readonly redisUrl?: string
  /** Wins over what is configured else. */
  readonly environment?: Environment
}

/** Latchkey as it runs in production, each service a process of its own. */
export interface Stack {
  readonly gateways: readonly ServiceProcess[]
  readonly services: Readonly<Record<Exclude<Service, 'gateway'>, ServiceProcess>>
  readonly natsUrl: string
}

/** Everything stops when `scope` is disposed of. */
export async function startStack(scope: AsyncDisposableStack, context: Context, plan: StackPlan): Promise<Stack> {
  const [redisUrl, nats, postgres, mailUrl] = await Promise.all([
    plan.redisUrl ?? startRedis(scope, context),
    startEphemeralNats(context.environment, []),
    startEphemeralPostgres(context.environment),
    startMailSink(scope)
  ])
  scope.defer(nats.stop)
  scope.defer(postgres.stop)
  const environment = {
    ...createEnvironment(scope, nats.url, redisUrl),
    DATABASE_URL: postgres.url,
    SMTP_URL: mailUrl,
    ...plan.environment
  }
  await runCommand('auth', 'migrate', environment)
  await runCommand('session', 'keys-generate', environment)

  const coresOf = (service: Service) => {
    if (plan.measured === 'everything') return context.cores.all
    return plan.measured.includes(service) ? context.cores.server : context.cores.neighbours
  }
  const start = (service: Service) => {
    return startService(scope, service, environment, coresOf(service))
  }
  const [auth, session, activity] = await Promise.all([start('auth'), start('session'), start('activity')])
  const gateways = await Promise.all(Array.from({ length: plan.gateways }, () => start('gateway')))
  return { gateways, services: { auth, session, activity }, natsUrl: nats.url }
}

/** An empty Redis that lives as long as `scope`. */
export async function startRedis(scope: AsyncDisposableStack, { environment }: Context): Promise<string> {
  const redis = await startEphemeralRedis(environment, [])
  scope.defer(redis.stop)
  return redis.url
}

/** What all services are configured with, but for the database; the folder for keys goes with `scope`. */
export function createEnvironment(scope: AsyncDisposableStack, natsUrl: string, redisUrl: string): Environment {
  return {
    NODE_ENV: 'production',
    LOG_LEVEL: 'info',
    NATS_URL: natsUrl,
    REDIS_URL: redisUrl,
    SIGNING_KEYS_DIR: createTemporaryFolder(scope, 'keys'),
    REFRESH_SECRET: randomBytes(32).toString('hex'),
    FACTOR_SECRET: randomBytes(32).toString('hex'),
    SERVICE_KEY: randomBytes(32).toString('hex'),
    PUBLIC_URL: 'http://127.0.0.1:3000',
    ACCESS_TOKEN_TTL: '900',
    ARGON2_MEMORY_KIB: String(ARGON2.memoryCost),
    ARGON2_PASSES: String(ARGON2.timeCost),
    ARGON2_PARALLELISM: String(ARGON2.parallelism),
    HASH_CONCURRENCY: String(HASH_CONCURRENCY),
    // All load comes from this machine, which is one source.
    RATE_LIMIT_CREDENTIALS: '1000000000',
    RATE_LIMIT_REQUESTS: '1000000000',
    ATTEMPTS_PER_SOURCE: '1000000',
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_PORT: '0',
    AUTH_PORT: '0',
    SESSION_PORT: '0',
    ACTIVITY_PORT: '0'
  }
}
