import type { RedisClient } from './client.ts'

/** `00` to `ff`, each one hash slot of a cluster: all that is stored about a user lies in the shard of their id. */
export const SHARDS: readonly string[] = Array.from({ length: 256 }, (_, number) =>
  number.toString(16).padStart(2, '0')
)

/** Shards asked at a time: their commands leave in one write. A pipeline proper could not span the slots of a cluster. */
const CHUNK = 32

/** How many entries there are in the stream of each shard; those of which it is empty are left out. */
export async function countStreams(
  redis: RedisClient,
  keyOf: (shard: string) => string
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (let start = 0; start < SHARDS.length; start += CHUNK) {
    const chunk = SHARDS.slice(start, start + CHUNK)
    const lengths = await Promise.all(chunk.map((shard) => redis.xlen(keyOf(shard))))
    for (const [index, shard] of chunk.entries()) {
      const length = lengths[index] ?? 0
      if (length > 0) counts.set(shard, length)
    }
  }
  return counts
}
