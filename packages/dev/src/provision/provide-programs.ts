import { canInstallDebianPackages, installDebianPackages } from './debian.ts'
import { packageName, type Store } from './ladder.ts'
import { findPrograms, type ServerPrograms } from './programs.ts'

/** Finds the programs of `wanted`, and installs all that are missing in one go where nobody need be asked. */
export async function providePrograms(
  wanted: readonly Store[],
  environment: NodeJS.ProcessEnv
): Promise<ServerPrograms> {
  const found = findPrograms(environment)
  const missing = wanted.filter((store) => found[store] === undefined)
  if (missing.length === 0 || !canInstallDebianPackages(environment)) return found
  await installDebianPackages(missing.map((store) => packageName(store, 'apt')))
  return findPrograms(environment)
}
