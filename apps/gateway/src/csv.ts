import type { TimelineEntry } from '@latchkey/contracts/activity'
import { accepts } from './accept.ts'

const COLUMNS = [
  'occurredAt',
  'kind',
  'sessionId',
  'device',
  'ip',
  'reason',
  'fields',
  'role',
  'actor',
  'actorId'
] as const

/** A page of the timeline as CSV (RFC 4180). Cells never begin like a formula: spreadsheets would run it. */
export function presentTimelineCsv(items: readonly TimelineEntry[]): string {
  const rows = items.map(({ occurredAt, kind, sessionId, device, reason, fields, role, actor }) => {
    const who = [role, actor?.kind, actor?.id]
    return [occurredAt, kind, sessionId, device?.name, device?.ip, reason, fields.join(' '), ...who]
      .map(presentCell)
      .join(',')
  })
  return [COLUMNS.join(','), ...rows, ''].join('\r\n')
}

function presentCell(value: string | null | undefined): string {
  const text = value ?? ''
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

/** Whether a client asks for CSV by name; anything else gets JSON. */
export function acceptsCsv(accept: string | undefined): boolean {
  return accepts(accept, 'text/csv')
}
