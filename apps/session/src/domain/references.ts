import { SessionId, UserId } from '@latchkey/contracts/ids'
import { Compile } from 'typebox/compile'

/** Both ids, since the store finds a session by its user. */
export interface SessionReference {
  readonly userId: string
  readonly sessionId: string
}

const userIds = Compile(UserId)
const sessionIds = Compile(SessionId)

/** Two hexadecimal digits; all that is stored about a user lives in their shard. */
export function shardOf(userId: string): string {
  return userId.slice(-2)
}

export function isSessionId(text: string): boolean {
  return sessionIds.Check(text)
}

/** False for ids that no session can have, so that they are not found without asking the store. */
export function isPossible({ userId, sessionId }: SessionReference): boolean {
  return userIds.Check(userId) && isSessionId(sessionId) && sessionId.startsWith(shardOf(userId))
}
