import type { TimelineEntry, TimelineKind } from '@latchkey/contracts/activity'
import { failField, ok, type Result } from '@latchkey/contracts/errors'
import type { TimelinePosition, Timelines } from './ports.ts'

export interface TimelineRequest {
  readonly userId: string
  readonly kind: TimelineKind | null
  readonly limit: number
  readonly cursor: string | null
}

export interface TimelinePage {
  items: TimelineEntry[]
  nextCursor: string | null
}

/** One page of the user's timeline, newest first. The cursor names the last entry shown, so new ones move nothing. */
export async function listTimeline(
  { timelines }: { readonly timelines: Timelines },
  { userId, kind, limit, cursor }: TimelineRequest
): Promise<Result<TimelinePage, 'invalid_request'>> {
  const before = cursor === null ? undefined : readCursor(cursor)
  if (cursor !== null && before === undefined) {
    return failField('cursor', 'invalid', 'is not a cursor that this list has given out')
  }
  const found = await timelines.list(userId, { kind: kind ?? undefined, limit: limit + 1, before })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return ok({ items, nextCursor: found.length > limit && last !== undefined ? createCursor(last) : null })
}

function createCursor({ occurredAt, id }: TimelineEntry): string {
  return Buffer.from(`${Date.parse(occurredAt)}:${id}`).toString('base64url')
}

function readCursor(cursor: string): TimelinePosition | undefined {
  const text = Buffer.from(cursor, 'base64url').toString()
  const [, time, id] = /^(\d{1,15}):([\x21-\x7e]{1,64})$/.exec(text) ?? []
  if (time === undefined || id === undefined) return undefined
  return Buffer.from(text).toString('base64url') === cursor ? { occurredAtMs: Number(time), id } : undefined
}
