import type { LoadGenerator } from './load/load-generator.ts'
import type { Options } from './options.ts'
import type { Cores } from './processes/cores.ts'

/** What every measure is handed. */
export interface Context {
  readonly options: Options
  readonly cores: Cores
  readonly generator: LoadGenerator
  /** Where programs are looked for. */
  readonly environment: NodeJS.ProcessEnv
  readonly tell: (line: string) => void
}
