import type { ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { failField, ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import { describeSession } from './describe-session.ts'
import { presentFirstPayload, type TokenDeps } from './issue-tokens.ts'
import type { SessionStore } from './ports.ts'

const CURSOR = /^s(\d{1,10})$/

/** A user's sessions, newest first. The cursor is the place of the last one listed, so that it stays good. */
export async function listSessions(
  deps: TokenDeps & { readonly sessions: SessionStore },
  { userId, state, limit, cursor, tokenPayload = false }: RequestOf<typeof sessionContract.list>
): Promise<Result<ReplyOf<typeof sessionContract.list>, 'invalid_request'>> {
  const place = cursor === null ? undefined : CURSOR.exec(cursor)?.[1]
  if (cursor !== null && place === undefined) return failField('cursor', 'invalid', 'is not a cursor of this list')
  const beforeSlot = place === undefined ? undefined : Number(place)
  const page = await deps.sessions.list({ userId, state, limit, beforeSlot })
  const last = page.sessions.at(-1)
  return ok({
    items: page.sessions.map((session) => ({
      ...describeSession(session, deps.lifetimes),
      ...(tokenPayload ? { tokenPayload: presentFirstPayload(deps, session) } : {})
    })),
    nextCursor: page.hasMore && last !== undefined ? `s${last.slot}` : null
  })
}
