import type { Scripts } from '@latchkey/redis/scripts'
import { SHARDS } from '@latchkey/redis/shards'
import type { ActivityCounts } from '../domain/ports.ts'
import { minutesKeyOf } from './keys.ts'

/** What the other scripts count as they go; see `scripts/minutes.lua`. */
export function createActivityCounts(scripts: Scripts): ActivityCounts {
  const read = scripts.load('minutes', 'read-minutes')
  return {
    read: async () => {
      const replies = await Promise.all(SHARDS.map((shard) => read([minutesKeyOf(shard)], [])))
      const counted = replies as (readonly [minute: number, counts: readonly string[]])[]
      const counts = new Map<string, number>()
      for (const [, flat] of counted) {
        for (let i = 0; i < flat.length; i += 2) {
          const field = flat[i] ?? ''
          counts.set(field, (counts.get(field) ?? 0) + Number(flat[i + 1]))
        }
      }
      const of = (kind: string) => (minute: number) => counts.get(`${kind}${minute}`) ?? 0
      // Shards may live on machines whose clocks are not quite the same.
      const minute = Math.max(...counted.map(([ofShard]) => ofShard))
      return { minute, active: of('a'), lastActive: of('u'), failures: of('f'), blocked: of('b') }
    }
  }
}
