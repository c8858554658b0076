import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MailServer, startMailServer } from '@latchkey/testing/mail'
import type { TestScope, TestServer } from '@latchkey/testing/stores'
import { type Environment, ownEnvironment, type Service, startWorld } from '../environment.ts'
import type { Heal } from './faults.ts'
import { Link } from './link.ts'
import type { Random } from './random.ts'
import { ServiceProcess } from './service-process.ts'
import { watchPlatformLogs } from './watch-logs.ts'

export const GATEWAYS = ['gateway-1', 'gateway-2', 'gateway-3'] as const
export const SESSIONS = ['session-1', 'session-2'] as const
const OTHERS = ['auth', 'activity'] as const

export type ServiceName = (typeof GATEWAYS | typeof SESSIONS | typeof OTHERS)[number]
export const SERVICE_NAMES: readonly ServiceName[] = [...SESSIONS, ...OTHERS, ...GATEWAYS]

/** A link is named by its two ends: `gateway-1:nats`. */
export type LinkName = `${ServiceName}:nats` | `${(typeof SESSIONS)[number]}:redis`
export const LINK_NAMES: readonly LinkName[] = [
  ...SERVICE_NAMES.map((name) => `${name}:nats` as const),
  ...SESSIONS.map((name) => `${name}:redis` as const)
]

export interface PlatformOptions {
  readonly random: Random
  /** Wins over the defaults of a test. */
  readonly overrides: Environment
  readonly conditions: readonly string[]
}

/** A store, of one server or of several: what is done to it is done to all. */
export type Store = Pick<TestServer, 'url' | 'pause' | 'resume' | 'restart'>

/** Services that share stores, and what can go wrong with them. */
export interface Platform {
  readonly redis: Store
  readonly nats: Store
  readonly services: ReadonlyMap<ServiceName, ServiceProcess>
  readonly links: ReadonlyMap<LinkName, Link>
  readonly gatewayUrls: readonly URL[]
  /** Nothing goes wrong with it. */
  readonly databaseUrl: string
  /** Takes the mails; nothing goes wrong with it either. */
  readonly mail: MailServer
  /** What else can happen, by what it is called; each returns how to set it right. */
  readonly accidents: ReadonlyMap<string, () => Promise<Heal>>
  /** What the services said. */
  readonly logFolder: string
}

export const DEFAULTS: Environment = {
  VERDICT_LEASE: '1000',
  REFRESH_GRACE: '1',
  SESSION_POLICY: 'limit:4:evict_oldest',
  DATABASE_POOL_SIZE: '5'
}

/** Three gateways, two session services, the others once, each reaching its stores over links of its own. */
export async function startPlatform(t: TestScope, options: PlatformOptions): Promise<Platform> {
  const { random, overrides, conditions } = options
  const mail = await startMailServer(t)
  const { environment, redis, nats } = await startWorld(t, { ...DEFAULTS, SMTP_URL: mail.url, ...overrides })
  const logFolder = await mkdtemp(join(tmpdir(), 'latchkey-history-'))
  t.teardown(() => rm(logFolder, { recursive: true, force: true }))
  watchPlatformLogs(t, logFolder, environment)
  const links = new Map<LinkName, Link>()
  for (const name of LINK_NAMES) {
    const isNats = name.endsWith(':nats')
    const link = new Link({ name, target: isNats ? nats.port : redis.port, isNats, random: random.fork(name) })
    await link.open()
    t.teardown(() => link.close())
    links.set(name, link)
  }
  const start = async (name: ServiceName) => {
    const natsLink = links.get(`${name}:nats`)
    const redisLink = isSession(name) ? links.get(`${name}:redis`) : undefined
    const service = await ServiceProcess.start({
      service: serviceOf(name),
      name,
      conditions,
      logFolder,
      environment: ownEnvironment(serviceOf(name), {
        ...environment,
        NATS_URL: `nats://127.0.0.1:${natsLink?.port}`,
        ...(redisLink === undefined ? {} : { REDIS_URL: `redis://127.0.0.1:${redisLink.port}` })
      })
    })
    t.teardown(() => service.kill())
    return [name, service] as const
  }
  // The first makes the signing key; services that start together would each wait for the other's.
  const first = await start('session-1')
  const rest = await Promise.all(SERVICE_NAMES.filter((name) => name !== 'session-1').map(start))
  const services = new Map<ServiceName, ServiceProcess>([first, ...rest])
  const gatewayUrls = GATEWAYS.map((name) => new URL(`http://127.0.0.1:${services.get(name)?.port}`))
  const databaseUrl = environment.DATABASE_URL ?? ''
  return { redis, nats, services, links, gatewayUrls, databaseUrl, mail, accidents: new Map(), logFolder }
}

export function isSession(name: ServiceName): name is (typeof SESSIONS)[number] {
  return SESSIONS.some((session) => session === name)
}

export function serviceOf(name: ServiceName): Service {
  if (isSession(name)) return 'session'
  return name === 'auth' || name === 'activity' ? name : 'gateway'
}

/** Crashes everything and starts it again; the stores keep what they had. */
export async function restartAll({ services, redis, nats }: Platform): Promise<void> {
  const all = [...services.values()]
  await Promise.all(all.map((service) => service.kill()))
  await Promise.all([redis.restart(), nats.restart()])
  await Promise.all(all.map((service) => service.start()))
}
