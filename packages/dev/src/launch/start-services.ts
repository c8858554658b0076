import { join } from 'node:path'
import { LaunchError } from '../launch-error.ts'
import type { Cleanup } from '../processes/cleanup.ts'
import { tellIfSlow } from '../report/tell-if-slow.ts'
import { type RunningServices, runServices } from '../services/run-services.ts'
import { createServiceLog } from '../services/service-log.ts'
import { waitUntilReady } from '../services/watch-services.ts'
import { presentPath, type Service, type Settings, services } from '../settings.ts'
import type { ServicePorts } from './service-ports.ts'

export interface ServiceStart {
  readonly settings: Settings
  readonly ports: ServicePorts
  readonly variables: Readonly<Record<string, string>>
  readonly cleanup: Cleanup
  readonly print: (line: string) => void
}

/** Starts the four services and resolves when all are ready; one that ends at start fails with its own last line. */
export async function startServices({
  settings,
  ports,
  variables,
  cleanup,
  print
}: ServiceStart): Promise<RunningServices> {
  const logFolder = join(settings.dataFolder, 'logs')
  const logFile = (service: Service | 'turbo'): string => presentPath(settings, join(logFolder, `${service}.log`))
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)
  let started = false
  const log = createServiceLog(logFolder, (service) => {
    const reason = log.lastWords(service) ?? 'it said nothing'
    if (started) print(`${service} crashed: ${reason} (it starts again when a source changes; see ${logFile(service)})`)
    else failed.reject(new LaunchError(`${service} did not start: ${reason}; see ${logFile(service)}`))
  })

  const running = await runServices(settings, variables, log)
  await cleanup.defer(running.stop)
  running.ended.then(() => failed.reject(new LaunchError(`turbo ended; see ${logFile('turbo')}`)))
  const ready = Promise.all(services.map((service) => waitUntilReady(service, ports, logFile(service))))
  await tellIfSlow('starting the services', Promise.race([ready, failed.promise]), print)
  started = true
  return running
}
