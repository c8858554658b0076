import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import type { TestScope } from '@latchkey/testing/stores'
import {
  type Environment,
  LEVELS,
  nodeArguments,
  ownEnvironment,
  SERVICES,
  type Service,
  type StoreArguments,
  startWorld,
  type World
} from './environment.ts'
import { type Api, createApi } from './http.ts'
import { assertNoLeaks, createLeakCheck, type LeakCheck, watchSecrets } from './leaks.ts'
import { eventually } from './people.ts'

/** One running service. */
export interface ServiceProcess {
  readonly url: string
  /** What it has said so far, on either output, line by line. */
  readonly lines: readonly string[]
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Asks it to end, and resolves with its exit code. */
  stop(): Promise<number | null>
  /** Freezes it: connections stay, nothing is answered. */
  pause(): void
  resume(): void
}

export interface Services {
  readonly api: Api
  readonly services: Record<Service, ServiceProcess>
  /** Starts a service again, on the address it had; `overrides` win over the environment that it had. */
  restart(service: Service, overrides?: Environment): Promise<void>
}

export type Processes = World & Services

/** Starts one service as its users do; resolves once it listens. */
export function startService(t: TestScope, service: Service, environment: Environment): Promise<ServiceProcess> {
  return launch(t, service, environment, checkAtEnd(t, environment))
}

/** The test fails when a secret is among what was said in it; what is started after this has ended by then. */
function checkAtEnd(t: TestScope, environment: Environment): LeakCheck {
  const leaks = createLeakCheck(environment)
  t.teardown(() => assertNoLeaks(leaks))
  return leaks
}

async function launch(
  t: TestScope,
  service: Service,
  environment: Environment,
  leaks: LeakCheck
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, nodeArguments(service), {
    env: { LOG_LEVEL: LEVELS[service], ...ownEnvironment(service, environment) },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const exited = once(child, 'close')
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  const lines: string[] = []
  t.teardown(async () => {
    await kill()
    for (const line of lines) leaks.write(line)
  })
  const url = await readAddress(child, lines)
  return {
    url,
    lines,
    kill,
    stop: async () => {
      child.kill('SIGTERM')
      const [code] = await exited
      return code
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT')
  }
}

const LISTENING = '"msg":"listening"'

/** The service says where it listens in its log, which is kept in `lines`. */
async function readAddress(child: ChildProcess, lines: string[]): Promise<string> {
  if (child.stdout === null || child.stderr === null) throw new Error('the service has no outputs')
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    process.stderr.write(`${line}\n`)
  })
  const listening = Promise.withResolvers<string>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    const address = line.includes(LISTENING) ? parseLine(line).address : undefined
    if (address !== undefined) listening.resolve(address)
  })
  child.once('exit', (code) => listening.reject(new Error(`the service ended with ${code} before it listened`)))
  return await listening.promise
}

function parseLine(line: string): { address?: string } {
  try {
    return JSON.parse(line)
  } catch {
    return {}
  }
}

/** All four services as processes of their own; resolves once a request goes through all of them. */
export async function startProcesses(
  t: TestScope,
  overrides: Environment = {},
  args: StoreArguments = {}
): Promise<Processes> {
  const world = await startWorld(t, overrides, args)
  return { ...world, ...(await startServices(t, world.environment)) }
}

/** The same over stores that are there; what they are told over `api` must not be among what they say. */
export async function startServices(t: TestScope, environment: Environment): Promise<Services> {
  const leaks = checkAtEnd(t, environment)
  const start = (service: Service, own = environment) => launch(t, service, own, leaks)
  const started = await Promise.all(SERVICES.map(async (service) => [service, await start(service)] as const))
  const services = Object.fromEntries(started) as Record<Service, ServiceProcess>
  const api = watchSecrets(createApi(services.gateway.url), leaks)
  await Promise.all(SERVICES.map((service) => isReady(services[service])))
  const restart = async (service: Service, overrides: Environment = {}) => {
    const { port } = new URL(services[service].url)
    const changed = { ...environment, ...overrides, [`${service.toUpperCase()}_PORT`]: port }
    services[service] = await start(service, changed)
    await isReady(services[service])
  }
  return { api, services, restart }
}

async function isReady({ url }: ServiceProcess): Promise<void> {
  const readiness = createApi(url)
  const answer = await eventually(
    () => readiness('GET', '/readyz'),
    ({ status }) => status === 200
  )
  if (answer.status !== 200) throw new Error(`not ready: ${JSON.stringify(answer.body)}`)
}
