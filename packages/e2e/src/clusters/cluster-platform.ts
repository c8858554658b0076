import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMailServer } from '@latchkey/testing/mail'
import type { TestScope } from '@latchkey/testing/stores'
import { createEnvironment, ownEnvironment } from '../environment.ts'
import { DEFAULTS, type Platform, type PlatformOptions, type ServiceName, serviceOf } from '../history/platform.ts'
import { ServiceProcess } from '../history/service-process.ts'
import { watchPlatformLogs } from '../history/watch-logs.ts'
import type { StartStore } from './clustered-store.ts'

export interface Arrangement {
  readonly startNats: StartStore
  readonly startRedis: StartStore
}

/** Two gateways, so that one may be wrong about what the other has done. */
const GATEWAYS = ['gateway-1', 'gateway-2'] as const
const OTHERS: readonly ServiceName[] = ['session-2', 'auth', 'activity', ...GATEWAYS]

/** Services over stores of several servers, which they reach without links in between. */
export async function startClusterPlatform(
  t: TestScope,
  { startNats, startRedis }: Arrangement,
  { random, overrides, conditions }: PlatformOptions
): Promise<Platform> {
  const [redis, nats] = await Promise.all([startRedis(t, random.fork('redis')), startNats(t, random.fork('nats'))])
  const mail = await startMailServer(t)
  const settings = { ...DEFAULTS, SMTP_URL: mail.url, ...overrides }
  const environment = await createEnvironment(t, { redis, nats }, settings)
  const logFolder = await mkdtemp(join(tmpdir(), 'latchkey-clusters-'))
  t.teardown(() => rm(logFolder, { recursive: true, force: true }))
  watchPlatformLogs(t, logFolder, environment)
  const start = async (name: ServiceName) => {
    const service = serviceOf(name)
    const own = ownEnvironment(service, environment)
    const started = await ServiceProcess.start({ service, name, conditions, logFolder, environment: own })
    t.teardown(() => started.kill())
    return [name, started] as const
  }
  // The first makes the signing key; services that start together would each wait for the other's.
  const first = await start('session-1')
  const services = new Map([first, ...(await Promise.all(OTHERS.map(start)))])
  const gatewayUrls = GATEWAYS.map((name) => new URL(`http://127.0.0.1:${services.get(name)?.port}`))
  const accidents = new Map([...redis.accidents, ...nats.accidents])
  const databaseUrl = environment.DATABASE_URL ?? ''
  return { redis, nats, services, links: new Map(), gatewayUrls, databaseUrl, mail, accidents, logFolder }
}
