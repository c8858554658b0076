import type { TimelineEntry } from '@latchkey/contracts/timeline'

/** An entry as its user may take it away: of others it says what they are, never who. */
export function presentTimelineData({ actor, ...entry }: TimelineEntry, userId: string) {
  if (actor === undefined) return entry
  return { ...entry, actor: { kind: actor.kind, id: actor.id === userId ? userId : null } }
}
