import { type Failure, failField, ok } from '@latchkey/contracts/errors'
import type { TimelineEntry } from '@latchkey/contracts/timeline'
import type { TimelinePosition } from './ports.ts'

/** The place that a cursor names; none for no cursor. */
export function readCursor(
  cursor: string | null
): { readonly ok: true; readonly value: TimelinePosition | undefined } | Failure<'invalid_request'> {
  if (cursor === null) return ok(undefined)
  const text = Buffer.from(cursor, 'base64url').toString()
  const [, time, id] = /^(\d{1,15}):([\x21-\x7e]{1,64})$/.exec(text) ?? []
  if (time === undefined || id === undefined || Buffer.from(text).toString('base64url') !== cursor) {
    return failField('cursor', 'invalid', 'is not a cursor that this list has given out')
  }
  return ok({ occurredAtMs: Number(time), id })
}

/** One page of what was found with one entry more than the page may have. The cursor names the last entry shown. */
export function createPage<E extends TimelineEntry>(
  found: readonly E[],
  limit: number
): { items: E[]; nextCursor: string | null } {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: found.length > limit && last !== undefined ? createCursor(last) : null }
}

function createCursor({ occurredAt, id }: TimelineEntry): string {
  return Buffer.from(`${Date.parse(occurredAt)}:${id}`).toString('base64url')
}
