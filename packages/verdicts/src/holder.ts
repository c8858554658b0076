import type { ErrorCode } from '@latchkey/contracts/errors'
import type { HolderOptions, VerdictHolder } from './holder/options.ts'
import { Holder } from './holder/verdict-holder.ts'
import { ALL_HOLDER_RULES } from './rules.ts'

export type {
  FlushCause,
  Found,
  HolderConfig,
  HolderOptions,
  HolderState,
  LookUp,
  Question,
  VerdictHolder
} from './holder/options.ts'

/**
 * Keeps verdicts on tokens for as long as they are certain to hold: see README.md. Until `start`, and whenever it has no
 * lease, every request is a look-up of its own.
 */
export function createVerdictHolder<V, E extends ErrorCode, C>(
  options: HolderOptions<V, E, C>
): VerdictHolder<V, E, C> {
  return new Holder(options, ALL_HOLDER_RULES)
}
