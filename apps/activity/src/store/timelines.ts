import type { TimelineEntry } from '@latchkey/contracts/activity'
import type { TimelinePosition, Timelines } from '../domain/ports.ts'
import { keysOf, markOf } from './keys.ts'
import type { ScriptRunner } from './run-script.ts'

export interface TimelinesOptions {
  /** Entries kept for a user; older ones go first. */
  readonly maxLength: number
  readonly retentionSeconds: number
}

export function createTimelines(scripts: ScriptRunner, { maxLength, retentionSeconds }: TimelinesOptions): Timelines {
  const append = scripts.load('append-entries')
  const list = scripts.load('list-entries')
  const retentionMs = retentionSeconds * 1000

  return {
    append: async (userId, entries) => {
      const { timeline, entries: contents } = keysOf(userId)
      const args = entries.flatMap((entry) => [
        padTime(Date.parse(entry.occurredAt)),
        entry.id,
        `${entry.kind} ${JSON.stringify(entry)}`
      ])
      await append([timeline, contents, markOf(userId)], [maxLength, retentionMs, ...args])
    },

    list: async (userId, { kind, limit, before }) => {
      const { timeline, entries } = keysOf(userId)
      const upper = before === undefined ? '+' : `(${toMember(before)}`
      const found = await list([timeline, entries], [upper, retentionMs, limit, kind ?? ''])
      return (found as string[]).map((json): TimelineEntry => JSON.parse(json))
    }
  }
}

function toMember({ occurredAtMs, id }: TimelinePosition): string {
  return `${padTime(occurredAtMs)}:${id}`
}

/** As long as it takes for the order of text to be the order of time. */
function padTime(ms: number): string {
  return String(ms).padStart(15, '0')
}
