import { createHash } from 'node:crypto'
import { shardOf } from '../domain/shard.ts'

/**
 * All keys of one user carry the hash tag of its shard, so that a script may touch them together. Whatever is here goes
 * when the user is deleted.
 */
export function keysOf(userId: string) {
  const prefix = `lk:a:{${shardOf(userId)}}:`
  return {
    state: `${prefix}u:${userId}`,
    timeline: `${prefix}t:${userId}`,
    entries: `${prefix}e:${userId}`,
    recorded: `${prefix}r:${userId}`,
    /** The numbers of the user's events in the stream. */
    stored: `${prefix}m:${userId}`,
    /** Attempts at the user's secrets; see `scripts/budgets.lua`. */
    attempts: `${prefix}g:${userId}`
  }
}

/** What stays of a deleted user for a while: it names nobody, and whatever is about to write about them looks for it. */
export function markOf(userId: string): string {
  return `lk:a:{${shardOf(userId)}}:x:${digestOf(userId)}`
}

/** Stands for a user where nobody is to be named. */
export function digestOf(userId: string): string {
  return createHash('sha1').update(userId).digest('hex')
}

/** Whether uses are heard of, of all users alike. */
export const HEARING_KEY = 'lk:a:{hearing}'

/** What is kept of everybody lies in one slot, where one step can look through it. */
export const indexKeys = {
  order: 'lk:a:{events}:order',
  entries: 'lk:a:{events}:entries',
  erasing: 'lk:a:{events}:erasing'
} as const

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

/** Attempts at secrets are counted where the account is, which may be nobody's, and where their source is. */
export const attemptKeys = {
  account: (account: string): [attempts: string, mark: string] => [keysOf(account).attempts, markOf(account)],
  source: (source: string): string => {
    const digest = digestOf(source)
    return `lk:a:{${shardOf(digest)}}:q:${digest}`
  },
  failures: 'lk:a:{attempts}:failures'
} as const

/** Events that an endpoint has not accepted; they name nobody. */
export function deadLettersKeyOf(endpoint: string): string {
  return `lk:a:{webhooks}:dead:${endpoint}`
}
