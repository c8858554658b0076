import type { TimelineEntry } from '@latchkey/contracts/timeline'
import type { FastifyReply, FastifyRequest } from 'fastify'
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
function presentTimelineCsv(items: readonly TimelineEntry[]): string {
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

/** Answers a page as CSV; a `Link` header names the next one, which is asked for in the same way. */
export function answerTimelineCsv(
  { url }: Pick<FastifyRequest, 'url'>,
  reply: FastifyReply,
  { items, nextCursor }: { readonly items: readonly TimelineEntry[]; readonly nextCursor: string | null }
): FastifyReply {
  if (nextCursor !== null) reply.header('link', `<${addCursor(url, nextCursor)}>; rel="next"`)
  return reply.type('text/csv; charset=utf-8').send(presentTimelineCsv(items))
}

/** The address that was asked for, without its host, and with the cursor in place of any other. */
function addCursor(url: string, cursor: string): string {
  const [path = '', search = ''] = url.split('?', 2)
  const query = new URLSearchParams(search)
  query.set('cursor', cursor)
  return `${path}?${query}`
}

/** Whether a client asks for CSV by name; anything else gets JSON. */
export function acceptsCsv(accept: string | undefined): boolean {
  return accepts(accept, 'text/csv')
}
