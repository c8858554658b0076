import type { ErrorCode } from '@latchkey/contracts/errors'
import type { HolderOptions, VerdictHolder } from '../../src/holder/options.ts'
import {
  createHolderWithRules,
  createSettableClock,
  HOLDER_RULE_NAMES,
  readBrokenRules,
  readHolderConfig
} from './rules.ts'

export type * from '../../src/holder.ts'

/** Stands in for the production door in a process that is to break rules. */
export function createVerdictHolder<V, E extends ErrorCode, C>(
  options: HolderOptions<V, E, C>
): VerdictHolder<V, E, C> {
  const config = { ...options.config, ...readHolderConfig() }
  const changed = { ...options, config, clock: createSettableClock() }
  return createHolderWithRules(changed, readBrokenRules(HOLDER_RULE_NAMES))
}
