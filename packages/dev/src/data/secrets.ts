import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Made once per data folder, readable by its owner only. */
export interface Secrets {
  readonly postgresPassword: string
  readonly redisPassword: string
  readonly refreshSecret: string
  readonly factorSecret: string
  readonly serviceKey: string
}

const names = ['postgresPassword', 'redisPassword', 'refreshSecret', 'factorSecret', 'serviceKey'] as const

function parseSecrets(text: string): Partial<Record<string, unknown>> {
  const value: unknown = JSON.parse(text)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Secrets that are missing, of an older version say, are added; present ones are never changed. */
export function loadSecrets(dataFolder: string): Secrets {
  const file = join(dataFolder, 'secrets.json')
  const known = existsSync(file) ? parseSecrets(readFileSync(file, 'utf8')) : {}
  const pick = (name: string): string => {
    const value = known[name]
    return typeof value === 'string' && value !== '' ? value : randomBytes(32).toString('base64url')
  }
  const [postgresPassword, redisPassword, refreshSecret, factorSecret, serviceKey] = names
  const secrets = {
    [postgresPassword]: pick(postgresPassword),
    [redisPassword]: pick(redisPassword),
    [refreshSecret]: pick(refreshSecret),
    [factorSecret]: pick(factorSecret),
    [serviceKey]: pick(serviceKey)
  }
  writeFileSync(file, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 })
  return secrets
}
