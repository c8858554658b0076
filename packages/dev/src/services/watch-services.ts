import { setTimeout as delay } from 'node:timers/promises'
import { LaunchError } from '../launch-error.ts'
import { type Service, services } from '../settings.ts'
import { findTrouble, type Trouble } from './readiness.ts'

type Ports = Readonly<Record<Service, number>>

const startIntervalMs = 100
const startTimeoutMs = 60_000
/** Looks that have to fail in a row: a restart after a change of the sources is not worth a line. */
const troubleCount = 3

/** Resolves when the service is ready; rejects with one line when it is not within a minute. */
export async function waitUntilReady(service: Service, ports: Ports, logFile: string): Promise<void> {
  const deadline = performance.now() + startTimeoutMs
  for (;;) {
    const trouble = await findTrouble(ports[service])
    if (trouble === undefined) return
    if (performance.now() > deadline)
      throw new LaunchError(`${service} is not ready after 60 s: ${trouble}; see ${logFile}`)
    await delay(startIntervalMs)
  }
}

/** Tells once when a service stops being ready, and once when it is ready again, until `signal` is aborted. */
export async function watchServices(
  ports: Ports,
  tell: (service: Service, trouble: Trouble) => void,
  { signal, intervalMs }: { readonly signal: AbortSignal; readonly intervalMs: number }
): Promise<void> {
  const troubleTimes = new Map<Service, number>()
  const look = async (service: Service): Promise<void> => {
    const trouble = await findTrouble(ports[service])
    if (signal.aborted) return
    const times = troubleTimes.get(service) ?? 0
    if (trouble === undefined && times >= troubleCount) tell(service, undefined)
    if (trouble !== undefined && times + 1 === troubleCount) tell(service, trouble)
    troubleTimes.set(service, trouble === undefined ? 0 : times + 1)
  }
  while (!signal.aborted) {
    await Promise.all(services.map(look))
    await delay(intervalMs, undefined, { signal }).catch(() => undefined)
  }
}
