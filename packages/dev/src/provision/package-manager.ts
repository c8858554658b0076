import type { Environment } from '../settings.ts'
import type { PackageManager } from './ladder.ts'
import { findProgram } from './programs.ts'

const commands: Readonly<Record<PackageManager, string>> = {
  apt: 'apt-get',
  dnf: 'dnf',
  pacman: 'pacman',
  apk: 'apk',
  brew: 'brew'
}

/** The package manager whose command we can name to a person. */
export function findPackageManager(environment: Environment): PackageManager | undefined {
  const managers: readonly PackageManager[] = ['apt', 'dnf', 'pacman', 'apk', 'brew']
  return managers.find((manager) => findProgram([commands[manager]], environment) !== undefined)
}
