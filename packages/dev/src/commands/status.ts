import { findHolder } from '../data/lock.ts'
import { findState, type State } from '../data/state.ts'
import { describeError, LaunchError } from '../launch-error.ts'
import { type Store, stores, storeTitles } from '../provision/ladder.ts'
import { probes } from '../servers/probes.ts'
import { formatShellExports } from '../services/env-file.ts'
import { findTrouble } from '../services/readiness.ts'
import { commandLine, presentPath, type Service, type Settings, services } from '../settings.ts'
import type { Run } from './dev.ts'

interface Part {
  readonly name: Service | Store
  readonly title: string
  /** Where a person or a program reaches it; without a password. */
  readonly address: string
  readonly version: string | undefined
  readonly trouble: string | undefined
}

function hidePassword(address: string): string {
  const url = new URL(address.split(',')[0] ?? address)
  url.password = ''
  url.username = ''
  return url.href
}

async function examineService(name: Service, { ports }: State): Promise<Part> {
  const trouble = await findTrouble(ports[name])
  return { name, title: name, address: `http://127.0.0.1:${ports[name]}`, version: undefined, trouble }
}

async function examineStore(name: Store, state: State): Promise<Part> {
  const { url } = state.stores[name]
  const part = { name, title: storeTitles[name], address: hidePassword(url) }
  try {
    return { ...part, version: await probes[name](url), trouble: undefined }
  } catch (error) {
    return { ...part, version: undefined, trouble: `it does not answer (${describeError(error)})` }
  }
}

function presentTable(parts: readonly Part[], folder: string): string {
  const rows = parts.map(({ title, address, version, trouble }) => {
    const condition = trouble === undefined ? 'ok' : `down: ${trouble}`
    return `  ${title.padEnd(10)} ${condition.padEnd(5)} ${address}${version === undefined ? '' : ` (${version})`}`
  })
  return [...rows, `  ${'data'.padEnd(10)} ${folder}, logs in ${folder}/logs`].join('\n')
}

function presentJson(parts: readonly Part[], { dataFolder }: Settings, pid: number): string {
  const entries = parts.map(({ name, address, version = null, trouble = null }) => {
    return [name, { ready: trouble === null, address, version, trouble }]
  })
  const ready = parts.every(({ trouble }) => trouble === undefined)
  return JSON.stringify({ ready, pid, dataFolder, parts: Object.fromEntries(entries) }, undefined, 2)
}

function presentExports({ ports, stores: urls }: State, dataFolder: string): string {
  return formatShellExports({
    GATEWAY_URL: `http://127.0.0.1:${ports.gateway}`,
    DATABASE_URL: urls.postgres.url,
    REDIS_URL: urls.redis.url,
    NATS_URL: urls.nats.url,
    GATEWAY_PORT: String(ports.gateway),
    AUTH_PORT: String(ports.auth),
    SESSION_PORT: String(ports.session),
    ACTIVITY_PORT: String(ports.activity),
    LATCHKEY_DATA: dataFolder
  })
}

function describeDown(down: readonly Part[], settings: Settings): string {
  const names = down.map(({ title, trouble }) => `${title} (${trouble})`).join(', ')
  const logs = presentPath(settings, settings.dataFolder)
  const first = down[0]?.name ?? 'gateway'
  return `down: ${names}; see ${logs}/logs/${first}.log, then stop and start again: ${commandLine} dev`
}

/** `pnpm status [--json|--env]`: asks every part; 0 when all answer, else 1 and one line on what is down. */
export async function runStatus({ settings, print }: Run, args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => !['--json', '--env'].includes(arg))
  if (unknown !== undefined) throw new LaunchError(`unknown option "${unknown}"; use --json, --env or none`)
  const holder = findHolder(settings.dataFolder)
  const state = findState(settings.dataFolder)
  const folder = presentPath(settings, settings.dataFolder)
  if (holder === undefined || state === undefined) {
    throw new LaunchError(`Latchkey is not running with its data in ${folder}; start it: ${commandLine} dev`)
  }
  const parts = await Promise.all([
    ...services.map((service) => examineService(service, state)),
    ...stores.map((store) => examineStore(store, state))
  ])
  if (args.includes('--json')) print(presentJson(parts, settings, holder.pid))
  else if (args.includes('--env')) print(presentExports(state, settings.dataFolder))
  else print(presentTable(parts, folder))
  const down = parts.filter(({ trouble }) => trouble !== undefined)
  if (down.length === 0) return 0
  throw new LaunchError(describeDown(down, settings))
}
