/** The last two digits of a user id are random: they spread users over 256 shards, each one hash slot of a cluster. */
export function shardOf(userId: string): string {
  return userId.slice(-2)
}
