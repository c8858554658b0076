import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { autocannon } from './autocannon.ts'
import type { LoadGenerator } from './load-generator.ts'
import { wrk } from './wrk.ts'

/** wrk where it is installed: it needs a fraction of the processor time, so that the server is what is measured. */
export function chooseGenerator({ PATH = '' }: NodeJS.ProcessEnv): LoadGenerator {
  return PATH.split(delimiter).some((folder) => isProgram(join(folder, 'wrk'))) ? wrk : autocannon
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
