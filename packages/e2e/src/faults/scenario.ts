import type { TestScope } from '@latchkey/testing/stores'
import type { Environment, StoreArguments } from '../environment.ts'
import type { Random } from '../history/random.ts'
import type { Crowd } from './crowd.ts'
import type { Load, Rates } from './load.ts'
import type { Kind, Observed } from './observed.ts'
import type { Platform, Topology } from './platform.ts'

export type Heal = () => Promise<void> | void

export interface Stage {
  readonly platform: Platform
  readonly crowd: Crowd
  readonly load: Load
  readonly random: Random
}

/** What was seen while it lasted: for what a scenario wants besides. */
export interface Seen extends Stage {
  /** Requests that were answered before the fault began. */
  readonly before: readonly Observed[]
  /** Requests that began after the fault had, and before it was over. */
  readonly during: readonly Observed[]
  readonly after: readonly Observed[]
}

/** Something that goes wrong under load. */
export interface Scenario {
  /** For `--only`. */
  readonly name: string
  /** What goes wrong, for a person: one line. */
  readonly fault: string
  readonly forMs: number
  readonly topology?: Partial<Topology>
  readonly environment?: Environment
  readonly stores?: StoreArguments
  /** What the scenario makes before all is started, and what follows from it for the start. */
  readonly prepare?: (t: TestScope) => Promise<Pick<Scenario, 'environment' | 'stores'>>
  readonly rates?: Partial<Rates>
  /** Clients reach the gateways through a load balancer. */
  readonly isBalanced?: boolean
  /** Makes it go wrong; what it resolves to makes it right again. */
  readonly begin: (stage: Stage) => Promise<Heal> | Heal
  /** What has to go on as if nothing was. */
  readonly stays?: readonly Kind[]
  /** What cannot be done meanwhile, and is answered 503: shows that the fault is one. */
  readonly refuses?: readonly Kind[]
  /** Gateways, from 0, whose clients have their connections cut or kept waiting. */
  readonly downGateways?: readonly number[]
  /** Those that take no connections for a while, and cut none: what they have begun they answer. */
  readonly closedGateways?: readonly number[]
  /** Where more is under way at once than elsewhere: so much may the memory of one process grow. */
  readonly maxGrowthMib?: number
  /** Further figures, a line each. */
  readonly describe?: (seen: Seen) => readonly string[]
  /** Further findings, a line each; called once all has been answered. */
  readonly check?: (seen: Seen) => Promise<readonly string[]> | readonly string[]
}

export interface Figures {
  /** From the fault to the first answer 503; `undefined` when there was none. */
  readonly first503Ms?: number | undefined
  /** From the end of the fault to the last answer that was not as it should be. */
  readonly recoveryMs?: number | undefined
  /** A yes or a no that was not true. */
  readonly wrong: number
  /** Answers 5xx other than 503. */
  readonly otherErrors: number
  /** Of `access`, in milliseconds, before the fault and while it lasted. */
  readonly p99Ms?: readonly [before: number, during: number]
}

export interface Outcome {
  /** Why the scenario failed, a line each. */
  readonly findings: readonly string[]
  readonly figures: Figures
  /** Worth telling, and no reason to fail: what a busy machine is to blame for, and other figures. */
  readonly notes: readonly string[]
}

export interface RunOptions {
  readonly random: Random
  /** Longer than it should take, where the machine is shared. */
  readonly patience: number
  /** Of all requests so many may not be served though they should be: a machine that does other work, too, is late now and then. */
  readonly sparedShare: number
  /** How often somebody signs in, where a scenario counts that. */
  readonly signIns: number
}

/** One that brings its own load: nothing of the ordinary one is started. */
export interface OwnScenario {
  readonly name: string
  readonly fault: string
  readonly run: (t: TestScope, options: RunOptions) => Promise<Outcome>
}
