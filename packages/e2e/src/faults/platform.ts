import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GuardedNats } from '@latchkey/testing/guarded-stores'
import type { TestScope, TestServer } from '@latchkey/testing/stores'
import {
  type Environment,
  ownEnvironment,
  SERVICES,
  type Service,
  type StoreArguments,
  startWorld
} from '../environment.ts'
import { GatewayClient } from '../history/gateway-client.ts'
import { Link } from '../history/link.ts'
import type { Random } from '../history/random.ts'
import { ServiceProcess } from '../history/service-process.ts'
import { watchPlatformLogs } from '../history/watch-logs.ts'

/** How many there are of each service. */
export type Topology = Readonly<Record<Service, number>>
export type ServiceName = `${Service}-${number}`

const STORES = { nats: 'NATS_URL', redis: 'REDIS_URL', postgres: 'DATABASE_URL' } as const
export type Store = keyof typeof STORES
/** A link is named by its two ends: `gateway-1:nats`. */
export type LinkName = `${ServiceName}:${Store}`

const USED: Readonly<Record<Service, readonly Store[]>> = {
  gateway: ['nats'],
  auth: ['nats', 'postgres'],
  session: ['nats', 'redis'],
  activity: ['nats', 'redis']
}

export interface PlatformOptions {
  readonly topology: Topology
  readonly random: Random
  /** Wins over the defaults of a test. */
  readonly overrides: Environment
  readonly stores?: StoreArguments | undefined
}

/** Services as processes of their own, each reaching each of its stores over a link that can break. */
export interface Platform {
  readonly environment: Environment
  readonly redis: TestServer
  readonly nats: GuardedNats
  readonly services: readonly ServiceProcess[]
  /** Throws for a name that is not there. */
  service(name: ServiceName): ServiceProcess
  link(name: LinkName): Link
  /** All links that lead to a store. */
  linksTo(store: Store): readonly Link[]
  readonly gateways: readonly GatewayClient[]
}

const DEFAULTS: Environment = {
  LOG_LEVEL: 'info',
  VERDICT_LEASE: '1000',
  DATABASE_POOL_WAIT: '1000',
  REDIS_TIMEOUT: '500',
  DATABASE_POOL_SIZE: '8',
  // Clients have addresses of their own, as they would behind a load balancer: limits by address are not what is tested.
  TRUSTED_PROXIES: '127.0.0.0/8'
}

/** Starts it with stores of its own; resolves when every service is ready. */
export async function startPlatform(t: TestScope, options: PlatformOptions): Promise<Platform> {
  const { topology, random, overrides, stores } = options
  const { environment, redis, nats } = await startWorld(t, { ...DEFAULTS, ...overrides }, stores)
  const logFolder = await mkdtemp(join(tmpdir(), 'latchkey-faults-'))
  t.teardown(() => rm(logFolder, { recursive: true, force: true }))
  watchPlatformLogs(t, logFolder, environment)
  const links = await openLinks(t, topology, environment, random)
  const start = async (service: Service, name: ServiceName) => {
    const started = await ServiceProcess.start({
      service,
      name,
      conditions: [],
      logFolder,
      environment: environmentOf(service, name, environment, links)
    })
    t.teardown(() => started.kill())
    return started
  }
  // The first session service makes the signing key.
  const first = await start('session', 'session-1')
  const rest = await Promise.all(
    namesOf(topology)
      .filter(({ name }) => name !== 'session-1')
      .map(({ service, name }) => start(service, name))
  )
  const services = [first, ...rest]
  const createHeaders = () => ({ 'x-forwarded-for': drawAddress(random) })
  const gateways = services
    .filter(({ name }) => name.startsWith('gateway'))
    .map(({ port }, index) => new GatewayClient(index, new URL(`http://127.0.0.1:${port}`), { createHeaders }))
  t.teardown(() => {
    for (const gateway of gateways) gateway.close()
  })
  return {
    environment,
    redis,
    nats,
    services,
    gateways,
    service: (name) => mustFind(services, (service) => service.name === name, name),
    link: (name) => mustFind(links, (link) => link.name === name, name),
    linksTo: (store) => links.filter(({ name }) => name.endsWith(`:${store}`))
  }
}

function namesOf(topology: Topology) {
  return SERVICES.flatMap((service) =>
    Array.from({ length: topology[service] }, (_, index) => ({ service, name: `${service}-${index + 1}` as const }))
  )
}

async function openLinks(
  t: TestScope,
  topology: Topology,
  environment: Environment,
  random: Random
): Promise<readonly Link[]> {
  const opening = namesOf(topology).flatMap(({ service, name }) =>
    USED[service].map(async (store) => {
      const target = Number(new URL(environment[STORES[store]] ?? '').port)
      const isNats = store === 'nats' && environment.NATS_TLS_CA === undefined
      const link = new Link({ name: `${name}:${store}`, target, isNats, random: random.fork(name) })
      await link.open()
      t.teardown(() => link.close())
      return link
    })
  )
  return await Promise.all(opening)
}

/** The environment of one service, whose addresses are those of its links. */
function environmentOf(
  service: Service,
  name: ServiceName,
  environment: Environment,
  links: readonly Link[]
): Environment {
  const addresses = USED[service].map((store) => {
    const variable = STORES[store]
    const url = new URL(environment[variable] ?? '')
    url.port = String(mustFind(links, (link) => link.name === `${name}:${store}`, name).port)
    return [variable, url.href]
  })
  return ownEnvironment(service, { ...environment, ...Object.fromEntries(addresses) })
}

function drawAddress(random: Random): string {
  const part = () => Math.floor(random.between(1, 255))
  return `10.${part()}.${part()}.${part()}`
}

function mustFind<T>(items: readonly T[], matches: (item: T) => boolean, name: string): T {
  const found = items.find(matches)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}
