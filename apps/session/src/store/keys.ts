/** What every key of the shard begins with. */
export function prefixOf(shard: string): string {
  return `lk:s:{${shard}}:`
}

export function outboxKeyOf(shard: string): string {
  return `${prefixOf(shard)}outbox`
}

/** What is written to see it on the replicas; `tag` is a hash tag with its braces. */
export function noteKeyOf(tag: string): string {
  return `lk:s:${tag}:note`
}

/** What a shard has still to announce; see `@latchkey/verdicts/relay`. */
export function pendingKeyOf(shard: string): string {
  return `${prefixOf(shard)}pending`
}
