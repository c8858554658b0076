import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { loadSecrets } from '../data/secrets.ts'
import { inspectDeployed } from '../deployed/inspect-deployed.ts'
import { chooseServicePorts } from '../launch/service-ports.ts'
import { LaunchError } from '../launch-error.ts'
import { runCommand } from '../provision/run-command.ts'
import { createTemporaryFolder } from '../provision/temporary-folder.ts'
import { startEphemeralNats, startEphemeralPostgres, startEphemeralRedis } from '../servers.ts'
import { listServiceEnvironments, type Variables } from '../services/service-environments.ts'
import { commandLine, type Service, services } from '../settings.ts'
import type { Run } from './dev.ts'

const startTimeoutMs = 20_000
const stopTimeoutMs = 15_000
const bytesPerMegabyte = 1_000_000
/** Several times what an app needs today: more than this, and something was deployed that it does not run on. */
const largestMegabytes = 100

type Environments = Readonly<Record<Service, Variables>>

async function prepareStores({ settings, cleanup }: Run): Promise<Environments> {
  const { environment } = settings
  const dataFolder = createTemporaryFolder('alone')
  await cleanup.defer(() => rmSync(dataFolder, { recursive: true, force: true }))
  const servers = await Promise.all([
    startEphemeralPostgres(environment),
    startEphemeralRedis(environment, []),
    startEphemeralNats(environment, [])
  ])
  for (const server of servers) await cleanup.defer(server.stop)
  const [postgres, redis, nats] = servers.map(({ url }) => url)
  const urls = { postgres: postgres ?? '', redis: redis ?? '', nats: nats ?? '' }
  const ports = await chooseServicePorts({ ...settings, gatewayPort: 0 }, undefined)
  const facts = { dataFolder, urls, ports, secrets: loadSecrets(dataFolder) }
  // A mail server need not be there before the first mail.
  return listServiceEnvironments(facts, { NODE_ENV: 'production', SMTP_URL: 'smtp://127.0.0.1:25' })
}

/** The app's own variables and nothing else of ours, as a container would give it. */
function environmentOf(variables: Variables): NodeJS.ProcessEnv {
  const set = Object.entries(variables).filter(([, value]) => value !== undefined)
  return Object.fromEntries(set)
}

async function runBuilt(folder: string, script: string, variables: Variables): Promise<void> {
  const options = { cwd: folder, env: environmentOf(variables) }
  const { succeeded, output } = await runCommand(process.execPath, [join('dist', script)], options)
  if (!succeeded) throw new LaunchError(`${join(folder, 'dist', script)} failed: ${output.trim().split('\n')[0]}`)
}

async function isHealthy(port: string): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(1_000) })
    await response.arrayBuffer()
    return response.status === 200
  } catch {
    return false
  }
}

/** Starts one built app, with none of the others; answers what went wrong. */
async function findFault(
  service: Service,
  folder: string,
  variables: Variables,
  run: Run
): Promise<string | undefined> {
  const env = environmentOf(variables)
  const child = spawn(process.execPath, ['dist/main.js'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  await run.cleanup.defer(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  }
  const exited = once(child, 'exit')
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  const lastWords = (): string => output.trim().split('\n').slice(-3).join(' | ')
  const deadline = performance.now() + startTimeoutMs
  while (!(await isHealthy(env[`${service.toUpperCase()}_PORT`] ?? ''))) {
    if (hasEnded()) return `it ended at start: ${lastWords()}`
    if (performance.now() > deadline) return `no 200 from /healthz within ${startTimeoutMs / 1000} s: ${lastWords()}`
    await delay(50)
  }
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  await exited
  clearTimeout(timer)
  return child.exitCode === 0
    ? undefined
    : `it ended with ${child.signalCode ?? child.exitCode} after SIGTERM: ${lastWords()}`
}

/** What is wrong with the deployed files themselves. Prints how much they are. */
function findExcess(service: Service, folder: string, { print }: Run): string | undefined {
  const { bytes, foreign } = inspectDeployed(folder, service)
  const megabytes = Math.ceil(bytes / bytesPerMegabyte)
  print(`${service} is deployed in ${megabytes} MB`)
  if (foreign.length > 0) return `it brings along ${foreign.join(', ')}`
  return megabytes > largestMegabytes ? `it is larger than ${largestMegabytes} MB` : undefined
}

/**
 * `start-alone <folder>`: each app deployed to `<folder>/<service>` is looked through for what does not belong there, is
 * started alone once and has to end with 0.
 */
export async function runStartAlone(run: Run, [target]: readonly string[]): Promise<number> {
  if (target === undefined)
    throw new LaunchError(`name the folder of the deployed apps: ${commandLine} start-alone <folder>`)
  const folderOf = (service: Service): string => resolve(target, service)
  const environments = await prepareStores(run)
  if (existsSync(folderOf('auth'))) await runBuilt(folderOf('auth'), 'migrate.js', environments.auth)
  if (existsSync(folderOf('session'))) await runBuilt(folderOf('session'), 'keys-generate.js', environments.session)
  let failed = 0
  for (const service of services) {
    const excess = existsSync(folderOf(service)) ? findExcess(service, folderOf(service), run) : 'it is not there'
    const fault = excess ?? (await findFault(service, folderOf(service), environments[service], run))
    run.print(fault === undefined ? `${service} starts alone` : `${service} does not start alone: ${fault}`)
    if (fault !== undefined) failed += 1
  }
  run.print(`${services.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}
