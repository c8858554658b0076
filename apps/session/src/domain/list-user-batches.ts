import type { BulkSessions, UserPlace } from './admin-ports.ts'

/** About a millisecond's work. */
const USERS_AT_ONCE = 8

/** The users of a shard who have sessions, everybody once, in groups that one script has a short time's work with. */
export async function* listUserBatches(bulk: BulkSessions, shard: string): AsyncGenerator<readonly string[]> {
  const listed = new Set<string>()
  let from: UserPlace | undefined
  do {
    const { userIds, next } = await bulk.listUsers(shard, from)
    const fresh = [...new Set(userIds)].filter((id) => !listed.has(id))
    for (const id of fresh) listed.add(id)
    for (let i = 0; i < fresh.length; i += USERS_AT_ONCE) yield fresh.slice(i, i + USERS_AT_ONCE)
    from = next
  } while (from !== undefined)
}
