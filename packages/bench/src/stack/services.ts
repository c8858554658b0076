import { execFile } from 'node:child_process'
import { execPath } from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type NodeChild, startNode } from '../processes/child.ts'

export type Environment = Readonly<Record<string, string>>
export type Service = 'gateway' | 'auth' | 'session' | 'activity'

export interface ServiceProcess extends Pick<NodeChild, 'pid' | 'measureMemoryBytes'> {
  readonly url: string
}

const repository = new URL('../../../../', import.meta.url)
const READY_WITHIN_MS = 30_000
const POLL_MS = 50

function entryOf(service: Service, entry: string): URL {
  return new URL(`apps/${service}/src/${entry}.ts`, repository)
}

/** Runs a command of a service to its end. Throws when it fails. */
export async function runCommand(service: Service, command: string, environment: Environment): Promise<void> {
  await promisify(execFile)(execPath, ['--conditions=@latchkey/source', fileURLToPath(entryOf(service, command))], {
    env: environment
  })
}

/** Starts a service as its users do; resolves once it is ready. */
export async function startService(
  scope: AsyncDisposableStack,
  service: Service,
  environment: Environment,
  cores: string | undefined
): Promise<ServiceProcess> {
  const child = startNode({ entry: entryOf(service, 'main'), environment, cores })
  scope.defer(child.stop)
  const url = await child.read(({ msg, address }) =>
    msg === 'listening' && typeof address === 'string' ? address : undefined
  )
  await waitUntilReady(service, url)
  return { url, pid: child.pid, measureMemoryBytes: child.measureMemoryBytes }
}

async function waitUntilReady(service: Service, url: string): Promise<void> {
  const endsAtMs = performance.now() + READY_WITHIN_MS
  for (;;) {
    const response = await fetch(new URL('/readyz', url))
    if (response.ok) return
    const text = await response.text()
    if (performance.now() > endsAtMs) throw new Error(`${service} is not ready: ${text}`)
    await pause(POLL_MS)
  }
}
