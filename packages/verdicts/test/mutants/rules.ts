/*
 * Doors of a test build: in-process tests hand the broken rules over, processes started with
 * `--conditions=@latchkey/mutants` read them from LATCHKEY_BROKEN_RULES, and what is to differ from their configuration
 * from LATCHKEY_HOLDER_CONFIG, as JSON. No image holds this file.
 */
import process, { env } from 'node:process'
import type { ErrorCode } from '@latchkey/contracts/errors'
import type { AuthorityOptions, VerdictAuthority } from '../../src/authority/options.ts'
import { Authority } from '../../src/authority/verdict-authority.ts'
import type { Clock } from '../../src/holder/clock.ts'
import type { HolderConfig, HolderOptions, VerdictHolder } from '../../src/holder/options.ts'
import { Holder } from '../../src/holder/verdict-holder.ts'
import { ALL_AUTHORITY_RULES, ALL_HOLDER_RULES, type AuthorityRules, type HolderRules } from '../../src/rules.ts'

export type { AuthorityRules, HolderRules }

export const HOLDER_RULE_NAMES: readonly string[] = Object.keys(ALL_HOLDER_RULES)
export const AUTHORITY_RULE_NAMES: readonly string[] = Object.keys(ALL_AUTHORITY_RULES)

/** A holder that breaks the rules set to false. */
export function createHolderWithRules<V, E extends ErrorCode, C>(
  options: HolderOptions<V, E, C>,
  rules: Partial<HolderRules>
): VerdictHolder<V, E, C> {
  return new Holder(options, { ...ALL_HOLDER_RULES, ...rules })
}

/** An authority that breaks the rules set to false. */
export function createAuthorityWithRules(options: AuthorityOptions, rules: Partial<AuthorityRules>): VerdictAuthority {
  return new Authority(options, { ...ALL_AUTHORITY_RULES, ...rules })
}

/** The rules named in LATCHKEY_BROKEN_RULES, separated by commas, as broken ones. */
export function readBrokenRules(names: readonly string[]): Record<string, false> {
  const broken = (env.LATCHKEY_BROKEN_RULES ?? '').split(',').filter((name) => names.includes(name))
  return Object.fromEntries(broken.map((name) => [name, false]))
}

/** A holder's configuration where the environment wants it to differ. */
export function readHolderConfig(): Partial<HolderConfig> {
  return JSON.parse(env.LATCHKEY_HOLDER_CONFIG ?? '{}')
}

const SET_BACK_MS = 60_000

/** The clocks of the machine, until SIGWINCH, which means nothing to a service, sets the wall clock back by a minute. */
export function createSettableClock(): Clock {
  let offsetMs = 0
  process.on('SIGWINCH', () => {
    offsetMs -= SET_BACK_MS
  })
  return { monotonicMs: () => performance.now(), wallMs: () => Date.now() + offsetMs }
}
