import { readFileSync } from 'node:fs'
import type { TSchema } from 'typebox'
import { IdentifierKind } from '../src/auth.ts'
import { Envelope, events } from '../src/events.ts'
import { Actor, BlockReason, ClientInfo, EndReason, Role, SessionId, Timestamp, UserId } from '../src/ids.ts'
import { traffic } from '../src/services.ts'
import { Device, Method } from '../src/session-schema.ts'

export const eventDocs = new URL('../docs/events.md', import.meta.url)

const BEGIN =
  '<!-- Written from src/events.ts by `npx pnpm@12 --filter @latchkey/contracts events`; do not edit below. -->\n'

/** What more than one event is made of is described once. */
const types = {
  Timestamp,
  UserId,
  SessionId,
  Device,
  Method,
  EndReason,
  Actor,
  ClientInfo,
  IdentifierKind,
  BlockReason,
  Role
}
const namesByText = new Map(Object.entries(types).map(([name, schema]) => [JSON.stringify(schema), name]))

/** The document as it has to be: its text by hand, then a section for each event from the schemas. */
export function renderEventDocs(): string {
  const [text = ''] = readFileSync(eventDocs, 'utf8').split(BEGIN)
  return `${text}${BEGIN}\n${[renderTypes(), ...Object.keys(events).map(renderEvent)].join('\n')}`
}

function renderTypes(): string {
  const rows = Object.entries(types).map(([name, schema]) => `| \`${name}\` | ${describeType(schema)} |`)
  return `## Types\n\n| Type | What it is |\n| --- | --- |\n${rows.join('\n')}\n`
}

function renderEvent(name: string): string {
  const event = Object.entries(events).find(([key]) => key === name)?.[1]
  if (event === undefined) throw new Error(`there is no event ${name}`)
  const { subject, payload, sentWhen, example } = event
  const { properties = {}, required = [] } = payload as Keywords
  const recorders = Object.entries(traffic).filter(([, { records }]) => records.some((recorded) => recorded === name))
  const rows = Object.entries(properties).map(
    ([key, schema]) => `| \`${key}\` | ${nameType(schema)} | ${required.includes(key) ? 'always' : 'may be missing'} |`
  )
  const table =
    rows.length === 0 ? 'The payload is empty.' : `| Payload | Type | There |\n| --- | --- | --- |\n${rows.join('\n')}`
  return `## \`${name}\`

Sent when ${sentWhen}. Subject \`${subject}\`, version ${Envelope.properties.version.const}, recorded by ${recorders.map(([service]) => service).join(' and ')}.

${table}

\`\`\`json
${JSON.stringify(exampleOf(name, example), undefined, 2)}
\`\`\`
`
}

/** The whole event as it may come. */
export function exampleOf(name: string, payload: object): object {
  const userId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21'
  const id = '019a9f41-1c2d-7e3f-8a4b-5c6d7e8f9a0b'
  return { id, version: 1, name, userId, occurredAt: '2026-11-21T09:30:00.000Z', payload }
}

function nameType(schema: TSchema): string {
  const name = namesByText.get(JSON.stringify(schema))
  return name === undefined ? describeType(schema) : `\`${name}\``
}

/** In words what JSON Schema says in keywords, as far as events need it. */
function describeType(schema: TSchema): string {
  const { type, const: literal, anyOf, items, properties, pattern, maxLength } = schema as Keywords
  if (literal !== undefined) return `\`${JSON.stringify(literal)}\``
  if (anyOf !== undefined) return anyOf.map(nameType).join(' or ')
  if (items !== undefined) return `array of ${nameType(items)}`
  if (properties !== undefined) {
    return Object.entries(properties)
      .map(([key, inner]) => `\`${key}\`: ${nameType(inner)}`)
      .join('; ')
  }
  if (pattern !== undefined) return `text that matches \`${pattern}\``
  return maxLength === undefined ? String(type) : `text of at most ${maxLength} characters`
}

interface Keywords {
  readonly type?: string
  readonly const?: unknown
  readonly anyOf?: readonly TSchema[]
  readonly items?: TSchema
  readonly properties?: Readonly<Record<string, TSchema>>
  readonly required?: readonly string[]
  readonly pattern?: string
  readonly maxLength?: number
}
