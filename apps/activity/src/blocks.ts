import { randomUUID } from 'node:crypto'
import { fail, ok } from '@latchkey/contracts/errors'
import { verdictContract } from '@latchkey/contracts/verdict'
import { createClient, type Log } from '@latchkey/messaging/client'
import type { Transport } from '@latchkey/messaging/transport'
import type { RedisClient } from '@latchkey/redis/client'
import type { Metrics } from '@latchkey/runtime/metrics'
import type { Announce } from '@latchkey/verdicts/authority'
import { registerPendingMetrics } from '@latchkey/verdicts/metrics'
import { createPendingRelay } from '@latchkey/verdicts/relay'
import { shardOf } from './domain/shard.ts'
import { pendingKeyOf } from './store/keys.ts'

export interface BlockAnnouncerOptions {
  readonly redis: RedisClient
  readonly transport: Transport
  readonly log: Log
  readonly metrics: Metrics
}

export interface BlockAnnouncer {
  /** Has whoever keeps verdicts on the user drop them. Waits for nobody: the relay repeats what fails. */
  announce(userId: string, entryId: string): void
  stop(): Promise<void>
}

/** A silent holder is waited for until its lease is over. */
const ANNOUNCE_TIMEOUT_MS = 3200

/** Makes beginning blocks known, also those that a crash left unannounced. A block ends by itself, as its start said. */
export function createBlockAnnouncer({ redis, transport, log, metrics }: BlockAnnouncerOptions): BlockAnnouncer {
  const client = createClient(verdictContract, transport, log, { observe: metrics.observeClientCall })
  const underWay = new Set<Promise<void>>()
  const announce: Announce = async (items, { timeoutMs }) => {
    const announced = await client.announce({ items: [...items] }, { requestId: randomUUID(), timeoutMs })
    return announced.ok ? ok(undefined) : fail('unavailable')
  }
  const relay = createPendingRelay({ redis, keyOf: pendingKeyOf, announce, log })
  registerPendingMetrics(metrics.registry, relay)

  const announceBlock = async (userId: string, entryId: string): Promise<void> => {
    const announced = await announce([{ kind: 'user', id: userId }], { timeoutMs: ANNOUNCE_TIMEOUT_MS })
    if (announced.ok) relay.settle(shardOf(userId), [entryId])
  }

  return {
    announce: (userId, entryId) => {
      const task = announceBlock(userId, entryId)
        .catch((err: unknown) => log.warn({ err, userId }, 'block could not be announced'))
        .finally(() => underWay.delete(task))
      underWay.add(task)
    },

    stop: async () => {
      await Promise.all(underWay)
      await relay.stop()
    }
  }
}
