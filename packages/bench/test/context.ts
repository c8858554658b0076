import process from 'node:process'
import type { Context } from '../src/context.ts'
import { autocannon } from '../src/load/autocannon.ts'
import { readOptions } from '../src/options.ts'
import { planCores } from '../src/processes/cores.ts'

/** As small as a run can be, and nothing pinned: tests share the machine. */
export const context: Context = {
  options: { ...readOptions(['--quick']), tokens: 5, connections: 4 },
  cores: planCores(1, false),
  generator: autocannon,
  environment: process.env,
  tell: () => undefined
}
