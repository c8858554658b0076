import type { ReplyOf } from '@latchkey/contracts/define'
import { ok } from '@latchkey/contracts/errors'
import { STATS_MINUTES } from '@latchkey/contracts/ids'
import type { sessionAdminContract } from '@latchkey/contracts/session-admin'
import type { SessionCounts, ShardCounts } from './admin-ports.ts'
import { toTimestamp } from './describe-session.ts'
import { findQuantileMs } from './duration-classes.ts'

type Counts = ReadonlyMap<number, number>

const MINUTE_MS = 60_000

/** How many sessions there are and how it goes, from what was counted as it happened. */
export async function getStats({ counts }: { readonly counts: SessionCounts }): Promise<{
  readonly ok: true
  readonly value: ReplyOf<typeof sessionAdminContract.getStats>
}> {
  const shards = await Promise.all(counts.shards.map((shard) => counts.read(shard)))
  // Shards may live on machines whose clocks are not quite the same.
  const last = Math.max(...shards.map(({ minute }) => minute))
  const minutes = Array.from({ length: STATS_MINUTES }, (_, i) => last - STATS_MINUTES + 1 + i)
  const points = minutes.map((minute) => ({
    at: toTimestamp(minute * MINUTE_MS),
    signIns: sum(shards.map(({ opened }) => opened.get(minute) ?? 0)),
    revokeP99Ms: findQuantileMs(addUp(listAnnounced(shards, minute)), 0.99)
  }))
  const announced = addUp(minutes.flatMap((minute) => listAnnounced(shards, minute)))
  return ok({
    liveSessions: sum(shards.map(({ live }) => live)),
    signIns: sum(points.map(({ signIns }) => signIns)),
    revokeLatencyMs: { p50: findQuantileMs(announced, 0.5), p99: findQuantileMs(announced, 0.99) },
    points
  })
}

function listAnnounced(shards: readonly ShardCounts[], minute: number): Counts[] {
  return shards.flatMap(({ announced }) => announced.get(minute) ?? [])
}

function addUp(parts: readonly Counts[]): Counts {
  const total = new Map<number, number>()
  for (const [key, count] of parts.flatMap((part) => [...part])) total.set(key, (total.get(key) ?? 0) + count)
  return total
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
