import type { AuthorityOptions, VerdictAuthority } from './authority/options.ts'
import { Authority } from './authority/verdict-authority.ts'
import { ALL_AUTHORITY_RULES } from './rules.ts'

export type { Announce, AuthorityConfig, AuthorityOptions, VerdictAuthority } from './authority/options.ts'

/** Grants leases and makes changes known: see README.md. Every replica of the session service has one. */
export function createVerdictAuthority(options: AuthorityOptions): VerdictAuthority {
  return new Authority(options, ALL_AUTHORITY_RULES)
}
