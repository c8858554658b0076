import type { Handlers } from '@latchkey/contracts/define'
import type { Result } from '@latchkey/contracts/errors'
import type { VerdictItem, verdictContract } from '@latchkey/contracts/verdict'
import type { Log } from '@latchkey/messaging/client'
import type { Transport } from '@latchkey/messaging/transport'
import type { RedisClient } from '@latchkey/redis/client'

export interface AuthorityConfig {
  /** The longest lease any holder is granted. */
  readonly longestLeaseMs: number
  /** Waited on top of a lease: two clocks do not run alike. */
  readonly marginMs: number
  /** Announcements kept for holders that missed them. */
  readonly logLength: number
  /** How often members that have gone without leave are looked for. */
  readonly censusMs: number
}

export const defaultAuthorityConfig: AuthorityConfig = {
  longestLeaseMs: 2000,
  marginMs: 100,
  logLength: 10_000,
  censusMs: 1000
}

export interface AuthorityOptions {
  /** The primary that holds the registry; every replica of the service uses the same. */
  readonly redis: RedisClient
  readonly transport: Transport
  readonly log: Log
  /** Where it is to differ from `defaultAuthorityConfig`. */
  readonly config?: Partial<AuthorityConfig>
  /**
   * Told of each announcement: how long it took until it held, and how many holders had not acknowledged it; `undefined`
   * where it could not be made certain in time.
   */
  readonly observe?: (durationMs: number, silentHolders: number | undefined) => void
}

/**
 * Makes a change known to whoever keeps verdicts. Called after the change is stored. `ok` means that from now on nobody
 * judges by what was true before it; `unavailable` that this could not be made certain within `timeoutMs`.
 */
export type Announce = (
  items: readonly VerdictItem[],
  options: { readonly timeoutMs: number }
) => Promise<Result<void, 'unavailable'>>

export interface VerdictAuthority {
  readonly announce: Announce
  /** To be served under the queue of the service. */
  readonly handlers: Handlers<typeof verdictContract>
  stop(): Promise<void>
}
