import { shardOf } from '../domain/shard.ts'

/** All keys of one user carry the hash tag of its shard, so that a script may touch them together. */
export function keysOf(userId: string) {
  const prefix = `lk:a:{${shardOf(userId)}}:`
  return {
    state: `${prefix}u:${userId}`,
    timeline: `${prefix}t:${userId}`,
    entries: `${prefix}e:${userId}`,
    recorded: `${prefix}r:${userId}`
  }
}

/** What is kept of everybody lies in one slot, where one step can look through it. */
export const indexKeys = { order: 'lk:a:{events}:order', entries: 'lk:a:{events}:entries' } as const

/** The order of the entries of one kind; index-entries.lua makes the same name. */
export function orderKeyOf(kind: string | undefined): string {
  return kind === undefined ? indexKeys.order : `${indexKeys.order}:${kind}`
}

/** What a shard has still to announce; see `@latchkey/verdicts/relay`. */
export function pendingKeyOf(shard: string): string {
  return `lk:a:{${shard}}:pending`
}

/** What is counted in a shard; see `scripts/minutes.lua`. */
export function minutesKeyOf(shard: string): string {
  return `lk:a:{${shard}}:minutes`
}

export function outboxKeyOf(shard: string): string {
  return `lk:a:{${shard}}:outbox`
}
