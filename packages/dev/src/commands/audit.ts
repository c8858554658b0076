import { type Audit, readAudit } from '../audit/read-audit.ts'
import { runCommand } from '../provision/run-command.ts'
import type { Run } from './dev.ts'

const TIME_LIMIT_MS = 10_000
/** One attempt: whoever is offline is not to wait for several. */
const ONE_ATTEMPT = { pnpm_config_fetch_retries: '0', npm_config_fetch_retries: '0' }

/**
 * Asks the registry what is known against the dependencies that ship. A high or critical advisory is 1; a registry that
 * cannot be asked is a line and 0, so that work goes on where there is no network.
 */
export async function runAudit({ settings, print }: Pick<Run, 'settings' | 'print'>): Promise<number> {
  const { root, environment } = settings
  const options = { cwd: root, env: { ...environment, ...ONE_ATTEMPT }, timeoutMs: TIME_LIMIT_MS }
  return reportAudit(readAudit((await runCommand('pnpm', ['audit', '--prod', '--json'], options)).output), print)
}

/** Prints the outcome and gives the exit code for it. */
export function reportAudit(audit: Audit, print: (line: string) => void): number {
  if (audit.kind === 'unknown') {
    print(`audit: not done, the registry could not be asked (${audit.reason})`)
    return 0
  }
  for (const line of audit.severe) print(`audit: ${line}`)
  print(`audit: ${audit.severe.length} high or critical, ${audit.others} lesser advisories`)
  return audit.severe.length === 0 ? 0 : 1
}
