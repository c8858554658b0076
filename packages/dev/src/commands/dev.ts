import { openDataFolder } from '../data/data-folder.ts'
import { takeLock } from '../data/lock.ts'
import { recover } from '../data/recover.ts'
import { loadSecrets } from '../data/secrets.ts'
import { type State, saveState } from '../data/state.ts'
import { mergeEnvironments, writeEnvironmentFiles } from '../launch/environment-files.ts'
import { chooseServicePorts, type ServicePorts } from '../launch/service-ports.ts'
import { startServices } from '../launch/start-services.ts'
import type { Cleanup } from '../processes/cleanup.ts'
import { identify } from '../processes/process-table.ts'
import { stores, storeTitles } from '../provision/ladder.ts'
import { type ProvidedStores, provideStores } from '../provision/provide-stores.ts'
import { presentReady } from '../report/ready-block.ts'
import { tellIfSlow } from '../report/tell-if-slow.ts'
import { ensureGatewayPort } from '../services/gateway-port.ts'
import { makeSigningKeys, migrate } from '../services/prepare.ts'
import type { RunningServices } from '../services/run-services.ts'
import { listServiceEnvironments } from '../services/service-environments.ts'
import { watchServices } from '../services/watch-services.ts'
import { commandLine, presentPath, type Settings } from '../settings.ts'

export interface Run {
  readonly settings: Settings
  readonly cleanup: Cleanup
  readonly print: (line: string) => void
  /** Aborted when everything has to end. */
  readonly signal: AbortSignal
}

function portOf(url: string | undefined): number | undefined {
  return url === undefined ? undefined : Number(new URL(url).port) || undefined
}

async function openStores({ settings, cleanup, print }: Run, previous: State | undefined): Promise<ProvidedStores> {
  const secrets = loadSecrets(settings.dataFolder)
  const [postgres, redis, nats] = stores.map((store) => portOf(previous?.stores[store].url))
  return await provideStores({ settings, secrets, preferredPorts: { postgres, redis, nats }, cleanup, print })
}

function saveRunning(
  { settings }: Run,
  ports: ServicePorts,
  provided: ProvidedStores,
  running?: RunningServices
): void {
  const servers = stores.flatMap((store) => provided[store].server?.pid ?? [])
  const present = ({ url, version, rung }: ProvidedStores['redis']) => ({ url, version, rung })
  saveState(settings.dataFolder, {
    ports,
    stores: { postgres: present(provided.postgres), redis: present(provided.redis), nats: present(provided.nats) },
    processes: [...identify(servers), ...(running?.listProcesses() ?? [])]
  })
}

async function launch(run: Run): Promise<{ ports: ServicePorts; provided: ProvidedStores }> {
  const { settings, cleanup, print } = run
  const { dataFolder } = settings
  const previous = await recover(dataFolder)
  await ensureGatewayPort(settings.gatewayPort)
  const ports = await chooseServicePorts(settings, previous?.ports)
  const provided = await openStores(run, previous)
  saveRunning(run, ports, provided)

  const urls = { postgres: provided.postgres.url, redis: provided.redis.url, nats: provided.nats.url }
  const facts = { dataFolder, urls, ports, secrets: loadSecrets(dataFolder) }
  const environments = listServiceEnvironments(facts, settings.environment)
  writeEnvironmentFiles(dataFolder, environments)
  const variables = mergeEnvironments(environments)
  await Promise.all([
    tellIfSlow('migrating the database', migrate(settings, urls.postgres), print),
    tellIfSlow('making signing keys', makeSigningKeys(settings, variables.SIGNING_KEYS_DIR ?? ''), print)
  ])
  const running = await startServices({ settings, ports, variables, cleanup, print })
  saveRunning(run, ports, provided, running)
  return { ports, provided }
}

function tellEndOfServers({ settings, signal, print }: Run, provided: ProvidedStores): void {
  for (const store of stores) {
    provided[store].server?.ended.then(() => {
      const log = presentPath(settings, `${settings.dataFolder}/logs/${store}.log`)
      if (!signal.aborted)
        print(`${storeTitles[store]} has ended, it was killed or crashed; see ${log}, and start again`)
    })
  }
}

function presentBlock({ settings }: Run, ports: ServicePorts, provided: ProvidedStores, seconds: number): string {
  const { postgres, redis, nats } = provided
  const isElsewhere = postgres.folder !== undefined && !postgres.folder.startsWith(settings.dataFolder)
  return presentReady({
    seconds,
    ports,
    versions: { postgres: postgres.version, redis: redis.version, nats: nats.version },
    dataFolder: presentPath(settings, settings.dataFolder),
    postgresFolder: isElsewhere ? postgres.folder : undefined
  })
}

/** `pnpm dev`: brings the platform up, tells how to use it, and watches it until it is told to stop. */
export async function runDev(run: Run): Promise<number> {
  const { settings, cleanup, print, signal } = run
  openDataFolder(settings.dataFolder)
  const cure = `see: ${commandLine} status, or set LATCHKEY_DATA and GATEWAY_PORT for a second stack`
  await cleanup.defer(takeLock(settings.dataFolder, cure))
  const { ports, provided } = await launch(run)
  if (signal.aborted) return 0

  print(presentBlock(run, ports, provided, performance.now() / 1000))
  tellEndOfServers(run, provided)
  await watchServices(
    ports,
    (service, trouble) =>
      print(trouble === undefined ? `${service} is ready again` : `${service} is not ready: ${trouble}`),
    { signal, intervalMs: 1_000 }
  )
  return 0
}
