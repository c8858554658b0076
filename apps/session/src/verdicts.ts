import { type Touch, verdictContract } from '@latchkey/contracts/verdict'
import { serve } from '@latchkey/messaging/server'
import type { Subscription, Transport } from '@latchkey/messaging/transport'
import type { RedisClient } from '@latchkey/redis/client'
import type { Logger } from '@latchkey/runtime/logger'
import type { Metrics } from '@latchkey/runtime/metrics'
import { createVerdictAuthority } from '@latchkey/verdicts/authority'
import { registerAuthorityMetrics, registerPendingMetrics } from '@latchkey/verdicts/metrics'
import { createPendingRelay } from '@latchkey/verdicts/relay'
import { listenTouches } from '@latchkey/verdicts/touches'
import type { Announce, AnnounceShards } from './domain/announcement-ports.ts'
import { shardOf } from './domain/references.ts'
import { pendingKeyOf } from './store/keys.ts'

export interface VerdictOptions {
  readonly redis: RedisClient
  readonly transport: Transport
  readonly log: Logger
  readonly metrics: Metrics
  /** The longest time for which a holder may judge by what it keeps. */
  readonly leaseMs: number
  /** Told how long each announcement took. */
  readonly onAnnounced: (durationMs: number) => void
}

export interface Verdicts {
  readonly announce: Announce
  readonly announceShards: AnnounceShards
  /** Grants leases, announces what other services have changed, and hands on what was used meanwhile. */
  serve(takeTouches: (touches: readonly Touch[]) => Promise<void>): readonly Subscription[]
  stop(): Promise<void>
}

/** Left of a caller's time, so that the answer arrives within it. */
const ANSWER_MARGIN_MS = 50

/** Keeps the verdicts that others hold true to the sessions of the store. */
export function createVerdicts({ redis, transport, log, metrics, leaseMs, onAnnounced }: VerdictOptions): Verdicts {
  const measure = registerAuthorityMetrics(metrics.registry)
  const observe: typeof measure = (durationMs, silentHolders) => {
    measure(durationMs, silentHolders)
    if (silentHolders !== undefined) onAnnounced(durationMs)
  }
  const authority = createVerdictAuthority({ redis, transport, log, observe, config: { longestLeaseMs: leaseMs } })
  const relay = createPendingRelay({ redis, keyOf: pendingKeyOf, announce: authority.announce, log })
  registerPendingMetrics(metrics.registry, relay)
  const announceShards: AnnounceShards = async (items, noted, context) => {
    const all = [...items, ...noted.flatMap(({ unannounced }) => unannounced.map(({ item }) => item))]
    const distinct = [...new Map(all.map((item) => [JSON.stringify(item), item])).values()]
    const announced = await authority.announce(distinct, { timeoutMs: context.remainingMs() - ANSWER_MARGIN_MS })
    if (!announced.ok) return announced
    for (const { shard, unannounced } of noted) {
      relay.settle(
        shard,
        unannounced.map(({ entryId }) => entryId)
      )
    }
    return announced
  }
  return {
    announceShards,

    announce: ({ userId, items, unannounced }, context) =>
      announceShards(items, [{ shard: shardOf(userId), unannounced }], context),

    serve: (takeTouches) => {
      const options = { transport, queue: 'session', log }
      return [
        serve(verdictContract, authority.handlers, { ...options, observe: metrics.observeCall }),
        listenTouches(takeTouches, options)
      ]
    },

    stop: async () => {
      await relay.stop()
      await authority.stop()
    }
  }
}
