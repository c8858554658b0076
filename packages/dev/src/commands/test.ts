import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { LaunchError } from '../launch-error.ts'
import { describeMissing, type Store } from '../provision/ladder.ts'
import { findPackageManager } from '../provision/package-manager.ts'
import { providePrograms } from '../provision/provide-programs.ts'
import { runCommand } from '../provision/run-command.ts'
import { createTemporaryFolder } from '../provision/temporary-folder.ts'
import { tellIfSlow } from '../report/tell-if-slow.ts'
import { startEphemeralPostgres } from '../servers.ts'
import { turboEnvironment } from '../services/run-services.ts'
import type { Settings } from '../settings.ts'
import { countTests, presentRun } from '../test-run/present-run.ts'
import { runTurboTests } from '../test-run/run-turbo-tests.ts'
import type { Run } from './dev.ts'

/** `session` means the package `@latchkey/session`; what begins with a dash is turbo's. */
export function readFilters(args: readonly string[]): string[] {
  return args
    .filter((arg) => arg !== '--')
    .map((arg) => {
      if (arg.startsWith('-')) return arg
      return `--filter=${/^[\w-]+$/.test(arg) ? `@latchkey/${arg}` : arg}`
    })
}

/**
 * Redis and NATS are started by each test file, which stops and kills them, so a program is needed for them whatever runs
 * elsewhere; PostgreSQL is shared, and one named by `DATABASE_URL` serves.
 */
async function provideForTests({ settings, cleanup, print }: Run): Promise<Record<string, string>> {
  const { environment } = settings
  const given = settings.environment.DATABASE_URL
  const wanted: Store[] = given ? ['redis', 'nats'] : ['postgres', 'redis', 'nats']
  const programs = await tellIfSlow('installing the servers', providePrograms(wanted, environment), print)
  const missing = wanted.filter((store) => programs[store] === undefined)
  if (missing.length > 0) throw new LaunchError(describeMissing(missing, findPackageManager(environment)))
  const variables = { REDIS_SERVER_PATH: programs.redis ?? '', NATS_SERVER_PATH: programs.nats ?? '' }
  if (given) return { ...variables, DATABASE_URL: given }
  const postgres = await tellIfSlow('starting PostgreSQL', startEphemeralPostgres(environment), print)
  await cleanup.defer(postgres.stop)
  return { ...variables, DATABASE_URL: postgres.url }
}

/** tap assembles itself from its plugins on first use; done by several packages at once that fails. */
async function assembleTap(settings: Settings): Promise<void> {
  const cwd = join(settings.root, 'packages', 'dev')
  const tap = join(cwd, 'node_modules', '.bin', 'tap')
  const { succeeded, output } = await runCommand(tap, ['build'], { cwd, env: turboEnvironment(settings) })
  if (!succeeded)
    throw new LaunchError(`tap could not be assembled: ${output.trim().split('\n').at(-1)}; try: pnpm install`)
}

/** `pnpm test [package …]`: servers of its own, all tests, everything stopped and removed; the count in the last line. */
export async function runTests(run: Run, args: readonly string[]): Promise<number> {
  const { settings, cleanup, print } = run
  const folder = createTemporaryFolder('test')
  await cleanup.defer(() => rmSync(folder, { recursive: true, force: true }))
  const [variables] = await Promise.all([
    provideForTests(run),
    tellIfSlow('assembling tap', assembleTap(settings), print)
  ])
  const environment = { ...variables, TMPDIR: folder, LATCHKEY_DATA: join(folder, 'data') }
  const tests = runTurboTests(settings, environment, readFilters(args), cleanup)
  const { exitCode, packages, output } = await tellIfSlow('running the tests', tests, print)
  if (packages.length === 0) throw new LaunchError(`turbo ran no tests: ${output.trim().split('\n').at(-1)}`)
  print(presentRun(packages))
  return exitCode === 0 && countTests(packages).failed === 0 ? 0 : 1
}
