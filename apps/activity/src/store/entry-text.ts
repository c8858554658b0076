import type { TimelineEntry } from '@latchkey/contracts/timeline'
import type { TimelinePosition, TimelineRange } from '../domain/ports.ts'

/** An entry as the scripts that add one take it: when, id, kind, JSON. */
export function presentEntryArgs<E extends TimelineEntry>(entry: E): readonly string[] {
  return [padTime(Date.parse(entry.occurredAt)), entry.id, entry.kind, JSON.stringify(entry)]
}

/** The ends of a range as list-entries.lua takes them. */
export function presentRange({ before, fromMs, toMs }: TimelineRange): { upper: string; lower: string } {
  const ends = [...(before === undefined ? [] : [toMember(before)]), ...(toMs === undefined ? [] : [padTime(toMs)])]
  const [end] = ends.toSorted()
  return { upper: end === undefined ? '+' : `(${end}`, lower: fromMs === undefined ? '' : padTime(fromMs) }
}

/** What a script has found. The service wrote it itself. */
export function readEntries<T>(reply: unknown): T[] {
  return (reply as string[]).map((json): T => JSON.parse(json))
}

function toMember({ occurredAtMs, id }: TimelinePosition): string {
  return `${padTime(occurredAtMs)}:${id}`
}

/** As long as it takes for the order of text to be the order of time. */
function padTime(ms: number): string {
  return String(Math.max(0, ms)).padStart(15, '0')
}
