import type { ErrorCode } from '@latchkey/contracts/errors'
import type { HolderOptions, VerdictHolder } from '../../src/holder/options.ts'
import { createHolderWithRules, HOLDER_RULE_NAMES, readBrokenRules } from './rules.ts'

export type * from '../../src/holder.ts'

/** Stands in for the production door in a process that is to break rules. */
export function createVerdictHolder<V, E extends ErrorCode, C>(
  options: HolderOptions<V, E, C>
): VerdictHolder<V, E, C> {
  return createHolderWithRules(options, readBrokenRules(HOLDER_RULE_NAMES))
}
