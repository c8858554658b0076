import type { Secrets } from '../data/secrets.ts'
import { describeError, LaunchError } from '../launch-error.ts'
import type { Cleanup } from '../processes/cleanup.ts'
import { tellIfSlow } from '../report/tell-if-slow.ts'
import { pickFreePort, startOnFreePort } from '../servers/free-port.ts'
import { natsUrl } from '../servers/nats-server.ts'
import { postgresUrl } from '../servers/postgres-server.ts'
import { probes } from '../servers/probes.ts'
import { redisUrl } from '../servers/redis-server.ts'
import type { ServerProcess } from '../servers/server-process.ts'
import type { Settings } from '../settings.ts'
import { type Choice, chooseRungs, type GivenUrls, readGivenUrls } from './choose-rungs.ts'
import { installDebianPackages } from './debian.ts'
import { startContainer } from './docker.ts'
import { describeMissing, packageName, type Rung, type Store, stores, storeTitles, urlVariables } from './ladder.ts'
import { launchStore } from './launch-store.ts'
import { findPackageManager } from './package-manager.ts'

export interface ProvidedStore {
  readonly url: string
  readonly version: string
  readonly rung: Rung
  /** Undefined for a server that is not our child. */
  readonly server: ServerProcess | undefined
  readonly folder: string | undefined
}

export type ProvidedStores = Readonly<Record<Store, ProvidedStore>>

export interface StoreRequest {
  readonly settings: Settings
  readonly secrets: Secrets
  /** Ports of the last run, taken again when they are free. */
  readonly preferredPorts: Readonly<Record<Store, number | undefined>>
  readonly cleanup: Cleanup
  readonly print: (line: string) => void
}

const containerUrls: Readonly<Record<Store, (port: number, password: string) => string>> = {
  postgres: (port, password) => postgresUrl({ port, password }),
  redis: (port, password) => redisUrl({ port, password }),
  nats: (port) => natsUrl({ port })
}

function passwordOf(store: Store, { postgresPassword, redisPassword }: Secrets): string {
  return store === 'postgres' ? postgresPassword : redisPassword
}

/** Installs what is missing and chooses again; throws when a store is left without any way. */
async function chooseProvided(urls: GivenUrls, { settings, print }: StoreRequest): Promise<Choice> {
  const { environment } = settings
  const choice = await chooseRungs(urls, environment, true)
  const toInstall = stores.filter((store) => choice.rungs[store] === 'package')
  if (toInstall.length > 0) {
    const packages = toInstall.map((store) => packageName(store, 'apt'))
    await tellIfSlow(`installing ${packages.join(' and ')} by apt-get`, installDebianPackages(packages), print)
  }
  const final = toInstall.length === 0 ? choice : await chooseRungs(urls, environment, false)
  const missing = stores.filter((store) => final.rungs[store] === 'none')
  if (missing.length > 0) throw new LaunchError(describeMissing(missing, findPackageManager(environment)))
  return final
}

async function useGiven(store: Store, url: string): Promise<ProvidedStore> {
  try {
    return { url, version: await probes[store](url), rung: 'url', server: undefined, folder: undefined }
  } catch (error) {
    const variable = urlVariables[store]
    const reason = describeError(error)
    throw new LaunchError(
      `${variable}: no ${storeTitles[store]} answers there (${reason}); start it or unset ${variable}`
    )
  }
}

async function useContainer(store: Store, { settings, secrets, preferredPorts, cleanup }: StoreRequest) {
  const port = await pickFreePort(preferredPorts[store])
  const password = passwordOf(store, secrets)
  await cleanup.defer(await startContainer({ ...settings, store, port, password }))
  const url = containerUrls[store](port, password)
  return { url, version: await probes[store](url), rung: 'docker', server: undefined, folder: undefined } as const
}

async function useProgram(store: Store, { programs }: Choice, request: StoreRequest): Promise<ProvidedStore> {
  const { settings, secrets, preferredPorts, cleanup } = request
  const options = { programs, dataFolder: settings.dataFolder, password: passwordOf(store, secrets) }
  const start = async (port: number): Promise<ProvidedStore> => {
    const { server, url, folder } = await launchStore(store, port, options)
    await cleanup.defer(server.stop)
    return { url, version: await probes[store](url), rung: 'program', server, folder }
  }
  return await startOnFreePort(start, preferredPorts[store])
}

/** Provides all three stores, each in the first way that is possible here. */
export async function provideStores(request: StoreRequest): Promise<ProvidedStores> {
  const urls = readGivenUrls(request.settings.environment)
  const choice = await chooseProvided(urls, request)
  const provide = (store: Store): Promise<ProvidedStore> => {
    const url = urls[store]
    if (url !== undefined) return useGiven(store, url)
    return choice.rungs[store] === 'docker' ? useContainer(store, request) : useProgram(store, choice, request)
  }
  const tell = (store: Store) => tellIfSlow(`starting ${storeTitles[store]}`, provide(store), request.print)
  const [postgres, redis, nats] = await Promise.all([tell('postgres'), tell('redis'), tell('nats')])
  return { postgres, redis, nats }
}
