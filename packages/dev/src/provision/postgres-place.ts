import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Account, canReach, findServerAccount } from './account.ts'
import type { PostgresPrograms } from './programs.ts'

/** Where PostgreSQL runs: under root its account must reach both its programs and its data. */
export interface PostgresPlace {
  readonly programs: PostgresPrograms
  readonly account: Account | undefined
  readonly folder: string
}

/** Used only by root, for a checkout inside a folder that is closed to others, such as /root. */
const openFolder = '/var/lib/latchkey'

function copyOpenly(programs: PostgresPrograms): PostgresPrograms {
  const folder = join(openFolder, `postgres-${createHash('sha256').update(programs.folder).digest('hex').slice(0, 12)}`)
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}`
    cpSync(programs.folder, draft, { recursive: true, verbatimSymlinks: true })
    rmSync(folder, { recursive: true, force: true })
    renameSync(draft, folder)
  }
  return { ...programs, folder }
}

function prepareOpenFolder(): void {
  mkdirSync(openFolder, { recursive: true })
  chmodSync(openFolder, 0o755)
}

/** Prefers `<dataFolder>/postgres`; the data folder is opened for passing through, not for reading. */
export function choosePostgresPlace(found: PostgresPrograms, dataFolder: string): PostgresPlace {
  const account = findServerAccount()
  const folder = join(dataFolder, 'postgres')
  if (account === undefined) return { programs: found, account, folder }
  chmodSync(dataFolder, 0o711)
  const programsAreReachable = canReach(account, join(found.folder, 'bin'))
  const dataIsReachable = canReach(account, dataFolder)
  if (!(programsAreReachable && dataIsReachable)) prepareOpenFolder()
  const programs = programsAreReachable || !found.relocatable ? found : copyOpenly(found)
  if (dataIsReachable) return { programs, account, folder }
  const key = createHash('sha256').update(dirname(folder)).digest('hex').slice(0, 12)
  return { programs, account, folder: join(openFolder, `data-${key}`) }
}
