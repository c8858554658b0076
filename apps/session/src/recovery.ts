import { readEvents, STREAM_AGE_MS } from '@latchkey/messaging/events'
import type { Transport } from '@latchkey/messaging/transport'
import type { Logger } from '@latchkey/runtime/logger'
import type { StoreClock } from '@latchkey/runtime/store-clock'
import { recoverShards } from './domain/recover-shards.ts'
import type { Lineages, RecordedEnds } from './domain/recovery-ports.ts'

export interface Recovery {
  /** There is a new connection, maybe to another server. */
  look(): void
  /** Some shard is in doubt. */
  nudge(): void
  /** Throws while the store may lack changes, or nobody knows. */
  check(): void
  stop(): Promise<void>
}

export interface RecoveryOptions {
  readonly lineages: Lineages
  readonly transport: Transport
  /** Ages are known by the clock of the store: that of this machine might make them younger, and ends be passed over. */
  readonly clock: Pick<StoreClock, 'knownMs' | 'look'>
  readonly log: Logger
}

/** How far back the record has to be read is known to within this time. */
const INTERVAL_MS = 10_000
const RETRY_MS = 300

/**
 * Sees to it that a store which was started again, restored or promoted is asked nothing before whatever ended meanwhile
 * has ended there as well. Every replica may do so at the same time: an end is made once.
 */
export function startRecovery({ lineages, transport, clock, log }: RecoveryOptions): Recovery {
  const recorded = createRecordedEnds(transport, clock)
  let isWhole = false
  let isStopped = false
  let underWay: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const doubt = (): void => {
    if (isWhole) log.warn({}, 'store may lack changes; they are read again')
    isWhole = false
  }
  const watched: Lineages = {
    ...lineages,
    inspect: async (shard) => {
      const found = await lineages.inspect(shard)
      if (found !== undefined) doubt()
      return found
    }
  }
  /** Whether all shards could be asked, and are whole. */
  const recover = async (): Promise<boolean> => {
    const startedAt = performance.now()
    try {
      const shards = await recoverShards({ lineages: watched, recorded })
      if (shards > 0)
        log.warn({ shards, durationMs: Math.round(performance.now() - startedAt) }, 'store went on elsewhere')
      isWhole = true
      return true
    } catch (err) {
      log.debug({ err }, 'store is not known to be whole')
      return false
    }
  }
  const begin = (): void => {
    clearTimeout(timer)
    if (isStopped) return
    underWay ??= recover().then((isDone) => {
      underWay = undefined
      if (isStopped) return
      timer = setTimeout(begin, isDone ? INTERVAL_MS : RETRY_MS)
      timer.unref()
    })
  }
  begin()
  return {
    look: begin,
    nudge: () => {
      doubt()
      begin()
    },
    check: () => {
      if (!isWhole) throw new Error('not known to have all changes')
    },
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await underWay
    }
  }
}

/** Ends of sessions as the event stream has them. */
function createRecordedEnds(transport: Transport, clock: RecoveryOptions['clock']): RecordedEnds {
  return {
    keptMs: STREAM_AGE_MS,
    readSince: async (ageMs, take) => {
      await clock.look()
      const nowMs = clock.knownMs()
      if (nowMs === undefined) throw new Error('the store does not tell its time')
      const since = new Date(nowMs - ageMs)
      await readEvents(transport, { name: 'sessionEnded', since }, ({ userId, payload, occurredAt }) => {
        take({ userId, sessionId: payload.sessionId, reason: payload.reason, endedAtMs: Date.parse(occurredAt) })
      })
    }
  }
}
