import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatEnvFile } from '../services/env-file.ts'
import type { Variables } from '../services/service-environments.ts'
import { type Service, services } from '../settings.ts'

/** Writes `<service>.env` for each, so that another instance of a service can be started by hand. */
export function writeEnvironmentFiles(dataFolder: string, environments: Readonly<Record<Service, Variables>>): void {
  for (const service of services) {
    const file = join(dataFolder, `${service}.env`)
    writeFileSync(file, formatEnvFile(environments[service]), { mode: 0o600 })
    chmodSync(file, 0o600)
  }
}

/** One environment for the run of all four: the names they have in common have the same values. */
export function mergeEnvironments(environments: Readonly<Record<Service, Variables>>): Record<string, string> {
  const entries = services.flatMap((service) => Object.entries(environments[service]))
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
