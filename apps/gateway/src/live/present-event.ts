import type { Failure } from '@latchkey/contracts/errors'
import type { RecordedEntry, TimelineEntry, TimelineKind } from '@latchkey/contracts/timeline'

/** Where the last word of the kind is not what happened to the words before it. */
const names: Partial<Record<TimelineKind, string>> = { signed_in: 'session.opened', new_device: 'device.added' }

/** `session.ended` for `session_ended`: what it is about, then what happened. */
function nameEvent(kind: TimelineKind): string {
  return names[kind] ?? kind.replace(/_(?=[^_]+$)/, '.')
}

/** One event on the wire (HTML, server-sent events). Every line break inside is escaped by JSON. */
function presentFrame(name: string, data: object, position?: string): string {
  return `${position === undefined ? '' : `id: ${position}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

/** An entry as the session `ownId` is told of it; nothing for its own beginning, which it knows. */
export function presentEvent({ position, entry }: RecordedEntry, ownId: string): string {
  const { kind, sessionId } = entry
  const current = sessionId === ownId
  if (current && (kind === 'signed_in' || kind === 'new_device')) return ''
  return presentFrame(nameEvent(kind), { ...entry, current }, position)
}

/** Says from where on the stream is complete; `complete` is false where more has happened before than it tells. */
export function presentBeginning(position: string, complete: boolean): string {
  return presentFrame('stream.ready', { complete }, position)
}

/** Why a stream ends: what a request would be refused for now, or that its user has opened too many after it. */
export type EndCause = Failure | { readonly code: 'superseded' }

/** The last words of a stream: what has become of its session or its user, then the code. */
export function presentEnd(cause: EndCause, ownId: string): string {
  const ended = presentFrame('stream.ended', { code: cause.code })
  if (cause.code === 'session_ended') {
    const { reason, endedAt: occurredAt } = cause.details
    const facts = { kind: 'session_ended', occurredAt, sessionId: ownId, reason } as const
    return presentFrame('session.ended', { ...createFacts(facts), current: true }) + ended
  }
  if (cause.code !== 'user_blocked') return ended
  const { reason, blockedUntil } = cause.details
  const facts = { kind: 'user_blocked', occurredAt: new Date().toISOString(), sessionId: null, reason } as const
  return presentFrame('user.blocked', { ...createFacts(facts), current: false, blockedUntil }) + ended
}

/** In the shape of an entry, though it may not be recorded yet. */
function createFacts(facts: Pick<TimelineEntry, 'kind' | 'occurredAt' | 'sessionId' | 'reason'>) {
  return { id: null, device: null, fields: [], ...facts }
}
