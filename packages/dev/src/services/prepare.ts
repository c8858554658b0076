import { join } from 'node:path'
import { LaunchError } from '../launch-error.ts'
import { runCommand } from '../provision/run-command.ts'
import { type Settings, sourceCondition } from '../settings.ts'

async function runScript(
  settings: Settings,
  script: string,
  what: string,
  variables: Readonly<Record<string, string>>
) {
  const options = { cwd: settings.root, env: { ...settings.environment, ...variables } }
  const { succeeded, output } = await runCommand(
    process.execPath,
    [sourceCondition, join(settings.root, script)],
    options
  )
  if (succeeded) return
  const lines = output.trim().split('\n')
  const fault = lines.find((line) => /error|:/i.test(line) && !/^(file|node):/.test(line)) ?? lines[0]
  throw new LaunchError(`${what} failed: ${fault?.trim() || 'it said nothing'}; see: node ${sourceCondition} ${script}`)
}

export function migrate(settings: Settings, databaseUrl: string): Promise<void> {
  return runScript(settings, 'apps/auth/src/migrate.ts', 'the migration of the database', { DATABASE_URL: databaseUrl })
}

/** Makes the first signing key; keys that are there stay. */
export function makeSigningKeys(settings: Settings, folder: string): Promise<void> {
  const variables = { SIGNING_KEYS_DIR: folder }
  return runScript(settings, 'apps/session/src/keys-generate.ts', 'making the signing keys', variables)
}
