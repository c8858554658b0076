import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeError, LaunchError } from '../launch-error.ts'

/** Makes the folder, passable for PostgreSQL's account, with nothing in it that git would offer to commit. */
export function openDataFolder(dataFolder: string): void {
  try {
    mkdirSync(join(dataFolder, 'logs'), { recursive: true, mode: 0o711 })
    writeFileSync(join(dataFolder, '.gitignore'), '*\n')
  } catch (error) {
    throw new LaunchError(
      `the data folder cannot be written (${describeError(error)}); set LATCHKEY_DATA to another one`
    )
  }
}
