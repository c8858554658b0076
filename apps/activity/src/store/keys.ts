import { shardOf } from '../domain/shard.ts'

/** All keys of one user carry the hash tag of its shard, so that a script may touch them together. */
export function keysOf(userId: string) {
  const prefix = `lk:a:{${shardOf(userId)}}:`
  return { state: `${prefix}u:${userId}`, timeline: `${prefix}t:${userId}`, entries: `${prefix}e:${userId}` }
}

/** What a shard has still to announce; see `@latchkey/verdicts/relay`. */
export function pendingKeyOf(shard: string): string {
  return `lk:a:{${shard}}:pending`
}

export function outboxKeyOf(shard: string): string {
  return `lk:a:{${shard}}:outbox`
}
