import type { AuthorityOptions, VerdictAuthority } from '../../src/authority/options.ts'
import { AUTHORITY_RULE_NAMES, createAuthorityWithRules, readBrokenRules } from './rules.ts'

export type * from '../../src/authority.ts'

/** Stands in for the production door in a process that is to break rules. */
export function createVerdictAuthority(options: AuthorityOptions): VerdictAuthority {
  return createAuthorityWithRules(options, readBrokenRules(AUTHORITY_RULE_NAMES))
}
